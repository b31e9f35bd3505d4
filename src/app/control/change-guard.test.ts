import { expect, test } from 'vitest';
import { fixtureText, ROUTE, routeDocument } from '../../../test/support/revision-fixture.ts';
import { present } from '../../core/base/assert.ts';
import { ok } from '../../core/base/result.ts';
import type { DecisionRecord } from '../../core/decide/record.ts';
import type { Bundle } from '../revision/bundle.ts';
import { compileRevision } from '../revision/compile-revision.ts';
import { createChangeGuard } from './change-guard.ts';

const DENYING = routeDocument(
  'chat',
  'match: { models: [ small ], teams: [ anonymous ] }\n  targets: [ { offers: [ own ] } ]',
);

function limits(spec: string): string {
  return `\napiVersion: headgate.dev/v1\nkind: ChangeLimits\nmetadata: { name: default }\nspec: ${spec}\n`;
}

function listeners(...names: string[]): string {
  const list = names.map((name, index) => `{ name: ${name}, port: ${11_000 + index} }`).join(', ');
  return `\napiVersion: headgate.dev/v1\nkind: Fleet\nmetadata: { name: wide }\nspec: { match: { cluster: wide }, listeners: [ ${list} ] }\n`;
}

async function bundleOf(routes: string[], ...documents: string[]): Promise<Bundle> {
  const bytes = new TextEncoder().encode(fixtureText({ routes, documents }));
  const noPolicies = { wasm: new Uint8Array(0), index: { guardrails: {} }, builtinPackages: [] };
  const files = [{ path: 'all.yaml', blobId: '', bytes }];
  const { bundle } = await compileRevision({ commit: 'c', files, findings: [] }, async () => ok(noPolicies), undefined);
  return present(bundle, 'a tree without errors');
}

/** Requests of team red for the model of the fixture, one a minute. */
function records(count: number): DecisionRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `d${index}`,
    timeMs: index * 60_000,
    digest: 'sha256:d',
    commit: 'c',
    request: { path: '/v1/chat/completions', model: 'small', promptTokens: 10, bodyBytes: 100 },
    principal: { team: 'red' },
    route: 'chat',
    removed: [],
    candidates: [],
    attempts: [{ offer: 'small/own', cluster: 'pool-own' }],
    policies: [],
    seed: index,
  }));
}

async function judge(
  live: Bundle,
  candidate: Bundle,
  recorded: DecisionRecord[] = [],
  signer?: string,
): Promise<string[]> {
  const guard = createChangeGuard((count) => recorded.slice(0, count));
  const { findings } = await guard({ live, candidate, signer });
  return findings.map(({ code, message }) => `${code} ${message}`);
}

test('a commit that refuses what was served is held to the limits that serve, not to its own', async () => {
  const [live, candidate] = [
    await bundleOf([ROUTE], limits('{ perCommit: { newDenials: 10% } }')),
    await bundleOf([DENYING], limits('{ perCommit: { newDenials: 100% } }')),
  ];
  expect(await judge(live, candidate, records(40))).toEqual([
    'HG6006 the commit changes too much: new denials: 100%, 10% allowed',
  ]);
  expect(await judge(candidate, live, records(40))).toEqual([]);
  // Too few to say anything.
  expect(await judge(live, candidate, records(5))).toEqual([]);
});

test('the row of who signed counts, and the tightest for who did not', async () => {
  const rows = '{ perCommit: { newDenials: 10% }, signers: [ { key: ana, newDenials: 100% } ] }';
  const [live, candidate] = [await bundleOf([ROUTE], limits(rows)), await bundleOf([DENYING])];
  expect(await judge(live, candidate, records(40), 'ana')).toEqual([]);
  expect(await judge(live, candidate, records(40), 'ben')).toHaveLength(1);
  expect(await judge(live, candidate, records(40))).toHaveLength(1);
});

test('C20: a commit may remove half of the listeners, or three of few; a limit is taken at its word', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const of = (count: number, ...more: string[]) => bundleOf([ROUTE], listeners(...names.slice(0, count)), ...more);
  expect(await judge(await of(8), await of(4))).toEqual([]);
  expect(await judge(await of(8), await of(3))).toEqual([
    'HG6007 the commit removes too much: 5 of 8 listeners of the fleet "wide", half of them allowed',
  ]);
  expect(await judge(await of(4), await of(1))).toEqual([]);
  expect(await judge(await of(4, limits('{ perCommit: { removed: 20% } }')), await of(3))).toEqual([
    'HG6007 the commit removes too much: clusters or listeners removed: 25%, 20% allowed: 1 of 4 listeners of the fleet "wide"',
  ]);
});

test('what a change comes to is told beside each limit, also where it may pass', async () => {
  const live = await bundleOf([ROUTE], limits('{ perCommit: { newDenials: 100%, fleetsTouched: 3 } }'));
  const guard = createChangeGuard(() => records(40));
  expect(await guard({ live, candidate: await bundleOf([DENYING]), signer: undefined })).toEqual({
    findings: [],
    checks: [
      { limit: 'newDenials', allowed: 1, actual: 1, isBreached: false },
      { limit: 'fleetsTouched', allowed: 3, actual: expect.any(Number), isBreached: false },
    ],
  });
});

test('fleets are counted where a limit asks for it', async () => {
  const live = await bundleOf([ROUTE], listeners('a'), limits('{ perCommit: { fleetsTouched: 0 } }'));
  expect(await judge(live, await bundleOf([DENYING], listeners('a')))).toEqual([
    'HG6006 the commit changes too much: fleets touched: 1, 0 allowed',
  ]);
});
