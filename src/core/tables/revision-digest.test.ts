import { describe, expect, test } from 'vitest';
import { fixtureIr, ROUTE, routeDocument } from '../../../test/support/revision-fixture.ts';
import type { Digest } from '../base/digest.ts';
import type { Ir } from '../ir/ir.ts';
import { buildTables } from './build-tables.ts';
import { revisionDigest } from './revision-digest.ts';

const NO_POLICY = new Uint8Array(0);

function digestOf(ir: Ir, wasm = NO_POLICY): Digest {
  return revisionDigest(ir, buildTables(ir), wasm);
}

const base = digestOf(fixtureIr());
const SPEC = 'match: { models: [ small ], teams: [ "*" ] }';
const TARGETS = 'targets: [ { offers: [ own ] }, { offers: [ corp, cloud ] } ]';

function withRoute(...lines: string[]): Digest {
  return digestOf(fixtureIr({ routes: [routeDocument('chat', lines.join('\n  '))] }));
}

describe('the digest of a revision', () => {
  test('is that of all its nodes where one comes behind those that were there', () => {
    const ir = fixtureIr();
    const [first, ...rest] = ir.models;
    const fewer: Ir = { ...ir, models: first === undefined ? [] : [first] };
    const digests = [digestOf(fewer), digestOf({ ...fewer, models: [...fewer.models, ...rest] })];
    expect(rest).not.toEqual([]);
    expect(digests[0]).not.toBe(digests[1]);
    expect(digests[1]).toBe(digestOf(structuredClone(ir)));
  });

  test('is the same wherever a document stands', () => {
    const moved = fixtureIr({ routes: [`# a comment, and lines\n\n\n${ROUTE}`] });
    expect(moved.routes[0]?.origin).not.toEqual(fixtureIr().routes[0]?.origin);
    expect(digestOf(moved)).toBe(base);
  });

  test('is the same whatever the order of keys', () => {
    expect(withRoute(TARGETS, 'match: { teams: [ "*" ], models: [ small ] }')).toBe(base);
  });

  test('is the same when a default is written out', () => {
    expect(withRoute(SPEC, TARGETS, 'timeouts: { headers: 10s }', 'retry: { attempts: 3 }')).toBe(base);
  });

  test('is the same when only a Test changes: a test says what must hold, not what to do', () => {
    const tests = `
apiVersion: headgate.dev/v1
kind: Test
metadata: { name: t }
spec: { cases: [ { name: own first, principal: { team: red }, request: { model: small }, expect: { offer: small/own } } ] }
`;
    expect(digestOf(fixtureIr({ documents: [tests] }))).toBe(base);
  });

  test.each<[string, () => Digest]>([
    ['the policy', () => digestOf(fixtureIr(), Uint8Array.of(1))],
    ['a time-out', () => withRoute(SPEC, TARGETS, 'timeouts: { headers: 11s }')],
    ['the number of attempts', () => withRoute(SPEC, TARGETS, 'retry: { attempts: 2 }')],
    ['the order of tiers', () => withRoute(SPEC, 'targets: [ { offers: [ corp, cloud ] }, { offers: [ own ] } ]')],
    [
      'the order of a tier',
      () => withRoute(SPEC, 'targets: [ { offers: [ own ] }, { offers: [ corp, cloud ], order: price } ]'),
    ],
    ['a body limit', () => withRoute(SPEC, TARGETS, 'body: { max: 1MiB }')],
    ['a requirement', () => withRoute(SPEC, TARGETS, 'require: { regions: [ eu, us ] }')],
    [
      'a header that a route matches, called origin',
      () => withRoute('match: { models: [ small ], teams: [ "*" ], headers: { origin: a } }', TARGETS),
    ],
    ['the name of a route', () => digestOf(fixtureIr({ routes: [routeDocument('talk', `${SPEC}\n  ${TARGETS}`)] }))],
    [
      'a further team',
      () =>
        digestOf(
          fixtureIr({
            documents: [
              'apiVersion: headgate.dev/v1\nkind: Team\nmetadata: { name: green }\nspec: { models: [ "*" ] }',
            ],
          }),
        ),
    ],
    [
      'a fleet',
      () =>
        digestOf(
          fixtureIr({
            documents: [
              'apiVersion: headgate.dev/v1\nkind: Fleet\nmetadata: { name: edge }\nspec: { match: { cluster: edge }, listeners: [ { name: api, port: 10000 } ] }',
            ],
          }),
        ),
    ],
    [
      'a guardrail',
      () =>
        digestOf(
          fixtureIr({
            documents: [
              'apiVersion: headgate.dev/v1\nkind: Guardrail\nmetadata: { name: g }\nspec: { package: fixture, stages: [ request ] }',
            ],
          }),
        ),
    ],
  ])('changes with %s', (_what, changed) => {
    expect(changed()).not.toBe(base);
  });
});
