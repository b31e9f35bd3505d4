import { describe, expect, test } from 'vitest';
import { decideRequest } from '../../../test/support/decision-lab.ts';
import { fixtureIr, fixtureRevision, policyResult } from '../../../test/support/revision-fixture.ts';
import { digestOfText } from '../../core/base/digest.ts';
import type { DecisionRecord } from '../../core/decide/record.ts';
import { buildTables } from '../../core/tables/build-tables.ts';
import type { Bundle } from '../revision/bundle.ts';
import { type ExplainSources, explainRecord } from './explain-record.ts';

const GUARDRAIL =
  'apiVersion: headgate.dev/v1\nkind: Guardrail\nmetadata: { name: g }\nspec: { package: fixture, stages: [ request ] }';
const deny = policyResult({ g: { deny: [{ code: 'no' }], warn: [], redact: [], route: [] } });
const refused = decideRequest(fixtureRevision({ documents: [GUARDRAIL], evaluate: deny })).record;
const pass = policyResult({ g: { deny: [], warn: [], redact: [], route: [] } });
const allowed = decideRequest(fixtureRevision({ documents: [GUARDRAIL], evaluate: pass })).record;

const ir = fixtureIr({ documents: [GUARDRAIL] });
const bundle: Bundle = {
  digest: refused.digest,
  commit: 'c7',
  ir,
  tables: buildTables(ir),
  wasm: new Uint8Array(0),
  policyIndex: {
    guardrails: {
      g: {
        source: digestOfText('package fixture'),
        rules: ['deny'],
        reads: [],
        places: [
          { name: 'deny', path: 'fixture.rego', line: 3, codes: ['no'] },
          { name: 'deny', path: 'fixture.rego', line: 9, codes: ['other'] },
        ],
      },
    },
  },
};

function sources(record: DecisionRecord, kept: Bundle | undefined = bundle): ExplainSources {
  return {
    record: (id) => (id === record.id ? record : undefined),
    bundle: () => Promise.resolve(kept),
    blame: (commit, path, line) =>
      Promise.resolve(line === 3 ? { commit: `${commit}-${path}`, author: 'Ada' } : undefined),
  };
}

describe('an explanation', () => {
  test('names each place that decided, and who wrote it, by the lines of the bundle that is kept', async () => {
    const explained = await explainRecord('dec-1', sources(refused));
    expect(explained?.places.map(({ what, origin, lastChange }) => [what, origin.file, lastChange])).toEqual([
      ['key red-key', 'fixture.yaml', undefined],
      ['route chat', 'fixture.yaml', undefined],
      ['guardrail g', 'fixture.yaml', undefined],
      ['rule deny (no)', 'fixture.rego', { commit: 'c7-fixture.rego', author: 'Ada' }],
    ]);
  });

  test('of a request that was served names the offer', async () => {
    const explained = await explainRecord('dec-1', sources(allowed));
    expect(explained?.places.map(({ what }) => what)).toEqual(['key red-key', 'route chat', 'offer small/own']);
  });

  test('of a decision whose bundle is gone still tells its record', async () => {
    const explained = await explainRecord('dec-1', { ...sources(refused), bundle: () => Promise.resolve(undefined) });
    expect([explained?.record, explained?.places]).toEqual([refused, []]);
  });

  test('of an unknown id is none', async () => {
    expect(await explainRecord('dec-2', sources(refused))).toBeUndefined();
  });
});

describe('its lines', () => {
  const lines = async (record: DecisionRecord): Promise<readonly string[]> =>
    (await explainRecord('dec-1', { ...sources(record), bundle: () => Promise.resolve(undefined) }))?.lines ?? [];

  test('say what was asked and what came of it', async () => {
    const outcome = {
      kind: 'failed',
      status: 502,
      upstreamStatus: 401,
      costMicroUsd: 0,
      decidedMs: 1,
      totalMs: 9,
    } as const;
    const served = { offer: 'small/corp', cluster: 'hop-corp', attempt: 2 };
    expect((await lines({ ...allowed, outcome: { ...outcome, served } })).slice(0, 4)).toEqual([
      'decision  dec-1  1970-01-01T00:00:00.000Z',
      `commit    commit-1  (${allowed.digest.slice(0, 19)})`,
      'asked     small by team red, key red-key, about 6 prompt tokens, route chat',
      'outcome   failed 502 (the upstream said 401) by small/corp, attempt 2, 9 ms',
    ]);
  });

  test('show no character that would move a terminal’s cursor', async () => {
    const hostile = { ...allowed, request: { ...allowed.request, model: 'm\u001b]0;owned\u0007\r\nx' } };
    const controls = [...(await lines(hostile)).join('')].filter((letter) => letter < ' ');
    expect(controls).toEqual([]);
  });
});
