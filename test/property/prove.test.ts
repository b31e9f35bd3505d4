import fc from 'fast-check';
import { expect, test } from 'vitest';
import { present } from '../../src/core/base/assert.ts';
import { digestOfText } from '../../src/core/base/digest.ts';
import { hash32 } from '../../src/core/base/rng.ts';
import { decideTraits } from '../../src/core/decide/decide-traits.ts';
import { prepareRevision, type Revision } from '../../src/core/decide/revision.ts';
import type { RequestTraits } from '../../src/core/decide/traits.ts';
import type { Capability } from '../../src/core/ir/model.ts';
import type { WantedTry } from '../../src/core/ir/proof.ts';
import { badPlaces } from '../../src/core/prove/bad-offers.ts';
import { wordIs } from '../../src/core/prove/offer-condition.ts';
import { reach } from '../../src/core/prove/reach.ts';
import { findShortfall } from '../../src/core/prove/shortfall.ts';
import type { Candidate } from '../../src/core/schedule/candidate.ts';
import type { ArmRow, ModelRow, OfferRow, RouteRow, TierRow } from '../../src/core/tables/tables.ts';

/** Small numbers, so that every request of this size can be tried. */
const CONTEXTS = [2, 4] as const;
const UNTIL_MS = [1_000, 2_000] as const;
const WAITS_MS = [0, 1_500, 2_500] as const;
const POOLS = ['a', 'b'] as const;

const offer = fc.record({
  at: fc.constantFrom('pool-a', 'pool-b', 'provider-p', 'provider-q'),
  upstreamModel: fc.constantFrom('x', 'y'),
  input: fc.nat(3),
  output: fc.nat(3),
});
const model = fc.record({
  contextTokens: fc.constantFrom(...CONTEXTS),
  capabilities: fc.subarray<Capability>(['streaming', 'tools']),
  offers: fc.array(offer, { minLength: 1, maxLength: 3 }),
});
const arm = fc.record(
  { model: fc.constantFrom('m0', 'm1'), offers: fc.subarray(['o0', 'o1', 'o2'], { minLength: 1 }) },
  { requiredKeys: [] },
);
const tier = fc.record({
  arms: fc.array(arm, { minLength: 1, maxLength: 2 }),
  order: fc.constantFrom('listed', 'price', 'load'),
  until: fc.option(fc.constantFrom(...UNTIL_MS), { nil: undefined }),
  firstWeight: fc.constantFrom(1, 2),
});
const tree = fc.record({
  models: fc.tuple(model, model),
  tiers: fc.array(tier, { minLength: 1, maxLength: 3 }),
  attempts: fc.integer({ min: 1, max: 3 }),
  regions: fc.option(fc.constant(['eu']), { nil: undefined }),
  canForbid: fc.boolean(),
});

type Tree = typeof tree extends fc.Arbitrary<infer T> ? T : never;

function revisionOf({ models, tiers, attempts, regions }: Tree): Revision {
  const offers = models.flatMap((given, number) =>
    given.offers.map(({ at, upstreamModel, input, output }, index): [string, OfferRow] => {
      const name = `o${index}`;
      const price = { inputUsd: input, cachedInputUsd: 0, outputUsd: output };
      const place = at.startsWith('pool') ? { pool: at.slice(-1) } : { provider: at };
      const region = at === 'provider-q' ? 'us' : 'eu';
      return [`m${number}/${name}`, { model: `m${number}`, name, upstreamModel, price, region, cluster: at, ...place }];
    }),
  );
  const route: RouteRow = {
    ...{ name: 'r', match: { models: '*', teams: '*', labels: {}, headers: {} }, attempts, attemptClass: 'c' },
    require: regions === undefined ? {} : { regions },
    tiers: tiers.map(tierRow),
    timeouts: { headersMs: 1, answerMs: 1, idleMs: 1, totalMs: 1 },
    bodyBytesMax: 1_000,
  };
  return prepareRevision(digestOfText(''), '', {
    ...{ keys: {}, teams: {}, names: { m0: 'm0' }, guardrails: [], routes: [route] },
    models: Object.fromEntries(
      models.map(({ offers: own, ...given }, number): [string, ModelRow] => [
        `m${number}`,
        { ...given, offers: own.map((_, index) => `m${number}/o${index}`) },
      ]),
    ),
    offers: Object.fromEntries(offers),
    pools: Object.fromEntries(POOLS.map((pool) => [pool, { engine: 'vllm', endpoints: [`${pool}1`, `${pool}2`] }])),
  });
}

function tierRow({ arms, order, until, firstWeight }: Tree['tiers'][number]): TierRow {
  const rows = arms.map((given, index): ArmRow => ({ ...given, weight: index === 0 ? firstWeight : 1 }));
  return { arms: rows, order, ...(until === undefined ? {} : { untilWaitMs: until }) };
}

/** Every arm of every split with these weights gets one of these sessions: one for each twelfth of the hash range. */
const SESSIONS = Array.from({ length: 12 }, (_, part) => {
  const found = Array.from({ length: 1_000 }, (_unused, number) => String(number)).find(
    (session) => Math.floor((hash32(`r\n${session}`) / 4_294_967_296) * 12) === part,
  );
  return present(found, 'a session in this part of the range');
});

function subsets<T>(items: readonly T[]): T[][] {
  const sets: T[][] = [[]];
  for (const item of items) sets.push(...sets.map((set) => [...set, item]));
  return sets;
}

const REQUESTS = [1, 2, 3, 4].flatMap((promptTokens) => [
  { promptTokens },
  ...[1, 2, 3].map((outputTokensMax) => ({ promptTokens, outputTokensMax })),
]);

/** The waits of both pools; undefined for one that is down. */
const LOADS = [undefined, ...WAITS_MS].flatMap((a) => [undefined, ...WAITS_MS].map((b) => ({ a, b })));

interface Tried {
  readonly forbidden: readonly string[];
  readonly load: (typeof LOADS)[number];
  readonly request: RequestTraits;
}

function* triedRequests(revision: Revision, { canForbid, tiers }: Tree): Generator<Tried> {
  const plain = { id: 'i', method: 'POST', path: '/', header: () => undefined, headers: {}, model: 'm0' };
  const sessions = tiers.some(({ arms }) => arms.length > 1) ? SESSIONS : ['0'];
  const requests = sessions.flatMap((session) =>
    subsets<Capability>(['streaming', 'tools']).flatMap((needs) =>
      REQUESTS.map((size) => ({ ...plain, stream: false, choices: 1, bodyBytes: 0, session, needs, ...size })),
    ),
  );
  const loads = canForbid ? LOADS.filter(({ a, b }) => (a ?? b ?? 0) === 0) : LOADS;
  for (const forbidden of canForbid ? subsets([...revision.offers.keys()]) : [[]]) {
    for (const load of loads) {
      for (const request of requests) yield { forbidden, load, request };
    }
  }
}

/** The offers of a list that some request is sent to, found by deciding all requests. */
function reachedByTrying(revision: Revision, given: Tree, wanted: ReadonlySet<string>): Set<string> {
  const reached = new Set<string>();
  for (const tried of triedRequests(revision, given)) {
    for (const id of offersTried(revision, tried)) reached.add(id);
    if (reached.size === wanted.size) return reached;
  }
  return reached;
}

/** The offers that the data path lists for a request. */
function offersTried(revision: Revision, { forbidden: offers, load, request }: Tried): string[] {
  const principal = { team: 't', labels: {}, models: '*' } as const;
  const candidatesOf = (pool: string, addresses: readonly string[]): Candidate[] => {
    const queuedTokens = load[pool as 'a' | 'b'];
    const known = { activeRequests: 0, prefillTokensPerSecond: 1_000, down: queuedTokens === undefined };
    return addresses.map((address) => ({ address, ...known, queuedTokens: queuedTokens ?? 0 }));
  };
  const judge = () => ({ fired: [], edits: [], judged: [], forbid: { offers, upstreams: [], regions: [] } });
  const { record } = decideTraits(revision, principal, request, { nowMs: 0, seed: 1, candidatesOf, judge });
  return [...new Set(record.attempts.map((attempt) => attempt.offer))];
}

/** Whether some request that is served when all is well lacks the try, found by deciding all requests. */
function lacksByTrying(revision: Revision, given: Tree, { place, offer: { region } }: WantedTry): boolean {
  const is = (id: string | undefined): boolean => wordIs(revision.offers.get(id ?? '')?.region, region);
  const has = {
    any: (ids: string[]) => ids.some(is),
    first: (ids: string[]) => is(ids[0]),
    last: (ids: string[]) => is(ids.at(-1)),
  };
  for (const tried of triedRequests(revision, given)) {
    const offers = offersTried(revision, tried);
    if (has[place](offers) || (tried.forbidden.length > 0 && offers.length === 0)) continue;
    if (offersTried(revision, { ...tried, forbidden: [], load: { a: 0, b: 0 } }).length > 0) return true;
  }
  return false;
}

test('an offer is reachable exactly when some request, load and policy lead to it', () => {
  fc.assert(
    fc.property(tree, (given) => {
      const revision = revisionOf(given);
      const route = present(revision.routes[0], 'the route');
      const places = badPlaces(route, 'm0', revision, {});
      const proved = places.filter((place) => reach(revision, route, 'm0', place, given.canForbid).kind === 'reached');
      const tried = reachedByTrying(revision, given, new Set(places.map((place) => place.offer)));
      expect([...new Set(proved.map((place) => place.offer))].sort()).toEqual([...tried].sort());
    }),
    { numRuns: 30 },
  );
}, 60_000);

test('a try is always there exactly when no request, load and policy go without it', () => {
  const place = fc.constantFrom<WantedTry['place'][]>('any', 'first', 'last');
  fc.assert(
    fc.property(tree, place, (given, at) => {
      const revision = revisionOf(given);
      const route = present(revision.routes[0], 'the route');
      const wanted: WantedTry = { place: at, offer: { region: { is: 'us' } } };
      const { kind } = findShortfall(revision, route, 'm0', [wanted], given.canForbid);
      expect(kind === 'short').toBe(lacksByTrying(revision, given, wanted));
    }),
    { numRuns: 100 },
  );
}, 60_000);
