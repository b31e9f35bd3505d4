import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideRequest, ledgerWith, RED } from '../../../test/support/decision-lab.ts';
import { fixtureRevision, routeDocument } from '../../../test/support/revision-fixture.ts';
import type { DecisionRecord } from '../decide/record.ts';
import { rerunRecord } from './rerun-record.ts';

const ENGINES = ['10.0.0.1:8000', '10.0.0.2:8000', '10.0.0.3:8000', '10.0.1.1:8000'];

const offers = fc.subarray(['own', 'corp', 'cloud'], { minLength: 1 });
const tier = fc.oneof(
  fc
    .record({
      offers,
      order: fc.constantFrom('listed', 'price', 'load'),
      wait: fc.constantFrom('', ', until: { wait: 1s }'),
    })
    .map(({ offers: names, order, wait }) => `{ offers: [ ${names.join(', ')} ], order: ${order}${wait} }`),
  fc.constant('{ split: [ { model: small, offers: [ own ], weight: 60 }, { model: next, weight: 40 } ] }'),
);
const route = fc
  .record({
    tiers: fc.array(tier, { minLength: 1, maxLength: 3 }),
    header: fc.constantFrom('', ', headers: { x-tier: gold }'),
    require: fc.constantFrom('', '\n  require: { regions: [ eu ] }', '\n  require: { retention: zero }'),
    attempts: fc.integer({ min: 1, max: 5 }),
  })
  .map(({ tiers, header, require, attempts }) =>
    routeDocument(
      'chat',
      `match: { models: [ small ], teams: [ "*" ]${header} }${require}\n  targets: [ ${tiers.join(', ')} ]\n  retry: { attempts: ${attempts} }`,
    ),
  );
const decisions = fc.record({
  deny: fc.array(fc.record({ code: fc.constantFrom('a', 'b'), shadow: fc.boolean() }), { maxLength: 2 }),
  warn: fc.array(fc.record({ code: fc.constantFrom('c', 'd') }), { maxLength: 2 }),
  redact: fc.constantFrom([], [{ ptr: '/messages/0/content', start: 0, end: 2 }]),
  route: fc.array(fc.record({ forbid: fc.record({ regions: fc.subarray(['eu', 'us']) }), shadow: fc.boolean() }), {
    maxLength: 1,
  }),
});
/** As a policy gives them: the wrong form is a failure of the guardrail. */
const results = fc.record({
  g: fc.oneof({ weight: 5, arbitrary: decisions }, fc.constant({ deny: 'all' })),
  h: decisions,
});
const guardrail = (name: string, mode: string) =>
  `apiVersion: headgate.dev/v1\nkind: Guardrail\nmetadata: { name: ${name} }\nspec: { package: fixture, stages: [ request ], scope: { routes: [ chat ] }, mode: ${mode} }`;

const configuration = fc.record({
  route,
  builtinErrors: fc.constantFrom<string[]>([], [], ['regex.replace: no']),
  modes: fc.tuple(fc.constantFrom('enforce', 'shadow'), fc.constantFrom('enforce', 'shadow')),
  results,
});
const request = fc.record({
  body: fc.record(
    {
      model: fc.constantFrom('small', 'gpt-small', 'next', 'nobody'),
      stream: fc.boolean(),
      max_tokens: fc.constantFrom(10, 9_000, 20_000),
      n: fc.integer({ min: 1, max: 3 }),
      tools: fc.constantFrom([], [{ type: 'function' }]),
    },
    { requiredKeys: ['model'] },
  ),
  headers: fc.dictionary(fc.constantFrom('x-tier', 'headgate-session'), fc.constantFrom('gold', 'tin', '')),
  waiting: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 4, maxLength: 4 }),
  down: fc.subarray(ENGINES),
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  nowMs: fc.integer({ min: 0, max: 1_000_000 }),
});

test('a record decided again is the same decision, byte for byte', () => {
  fc.assert(
    fc.property(configuration, request, ({ route: routes, builtinErrors, modes, results: evaluated }, asked) => {
      const documents = [guardrail('g', modes[0]), guardrail('h', modes[1])];
      const evaluate = () => ({ kind: 'result' as const, value: evaluated, fuelUsed: 0, builtinErrors });
      const loaded = fixtureRevision({ routes: [routes], documents, evaluate });
      const waiting = Object.fromEntries(ENGINES.map((address, index) => [address, asked.waiting[index] ?? 0]));
      const { record } = decideRequest(loaded, {
        body: asked.body,
        headers: new Map(Object.entries(asked.headers)),
        ledger: ledgerWith(waiting, asked.down),
        seed: asked.seed,
        nowMs: asked.nowMs,
      });
      const written = JSON.parse(JSON.stringify(record)) as DecisionRecord;
      expect(rerunRecord(loaded, written)).toEqual({ kind: 'same' });
    }),
    { numRuns: 150 },
  );
});

test('endpoints of a large pool are looked at by chance, and a re-run looks at the same', () => {
  const addresses = Array.from({ length: 40 }, (_, index) => `10.1.0.${index}:8000`);
  const pool = `apiVersion: headgate.dev/v1\nkind: Pool\nmetadata: { name: many }\nspec: { engine: vllm, endpoints: { static: ${JSON.stringify(addresses)} } }`;
  const model =
    'apiVersion: headgate.dev/v1\nkind: Model\nmetadata: { name: wide }\nspec: { context: 1000, offers: [ { name: own, pool: many, upstreamModel: w, price: { input: 1, output: 1 } } ] }';
  const routes = [
    routeDocument('wide', 'match: { models: [ wide ], teams: [ "*" ] }\n  targets: [ { offers: [ own ] } ]'),
  ];
  const loaded = fixtureRevision({ routes, documents: [pool, model] });
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const { record } = decideRequest(loaded, { principal: RED, body: { model: 'wide' }, seed });
      expect(record.candidates[0]?.endpoints.length).toBe(8);
      expect(rerunRecord(loaded, record)).toEqual({ kind: 'same' });
    }),
  );
});

const loaded = fixtureRevision({
  routes: [
    routeDocument(
      'chat',
      'match: { models: [ small ], teams: [ "*" ], headers: { x-tier: gold } }\n  targets: [ { offers: [ own ] } ]',
    ),
  ],
  documents: [guardrail('g', 'enforce')],
  evaluate: () => ({ kind: 'result', value: { g: { deny: [] } }, fuelUsed: 0, builtinErrors: [] }),
});
const { record } = decideRequest(loaded, { headers: new Map([['x-tier', 'gold']]) });

test.each<[what: string, record: DecisionRecord, missing: string[]]>([
  ['another revision', { ...record, digest: 'sha256:00' }, ['the revision sha256:00']],
  ['no model', { ...record, request: { path: '/', bodyBytes: 0 } }, ['a request that came as far as a decision']],
  ['an unknown team', { ...record, principal: { team: 'gone' } }, ['the team of the caller']],
  ['no judgement', { ...record, judged: [] }, ['the result of the guardrail g']],
  ['no candidates', { ...record, candidates: [] }, ['the endpoints of the pool gpus']],
  [
    'no headers',
    { ...record, request: { path: '/v1/chat/completions', model: 'small', bodyBytes: 1 } },
    ['the header x-tier'],
  ],
])('a record with %s says what is missing', (_what, broken, missing) => {
  expect(rerunRecord(loaded, broken)).toEqual({ kind: 'incomplete', missing });
});

test('a record that somebody changed is another decision', () => {
  expect(rerunRecord(loaded, { ...record, route: 'other' })).toEqual({ kind: 'different', again: record });
});
