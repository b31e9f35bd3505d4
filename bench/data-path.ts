import { present } from '../src/core/base/assert.ts';
import type { Run } from './bench.ts';
import type { Figure, Goal } from './figure.ts';
import { type Cost, type DataPathLab, type Shape, startDataPathLab } from './support/data-path-lab.ts';
import { median } from './support/percentile.ts';

const CONNECTIONS = 32;
const ROUNDS = 7;

interface Case {
  readonly what: string;
  readonly shape: Shape;
  /** At 32 connections, each round. */
  readonly requests: number;
  readonly goal?: Goal;
}

const shape = (target: Shape['target'], upstream: Shape['upstream'], stream = false): Shape => ({
  target,
  upstream,
  stream,
});

/** As other gateways were measured: the engines answer at once and each request opens a connection to one. */
const PLAIN: Case = { what: 'JSON, Envoy alone', shape: shape('plain', 'eager'), requests: 2_000 };
const POOL: Case = {
  what: 'JSON, pool, all decisions',
  shape: shape('pool', 'eager'),
  requests: 1_000,
  goal: { below: 6.5 },
};
const CASES_EAGER: readonly Case[] = [
  POOL,
  { what: 'JSON, pool, no policy', shape: shape('bare', 'eager'), requests: 1_000 },
];
/** Kept connections make a plain Envoy twice as cheap, and so the multiple larger. */
const PLAIN_KEPT: Case = {
  what: 'JSON, kept connections, Envoy alone',
  shape: shape('plain', 'kept'),
  requests: 3_000,
};
const POOL_KEPT: Case = {
  what: 'JSON, kept connections, pool, all decisions',
  shape: shape('pool', 'kept'),
  requests: 1_000,
};
const CASES_KEPT: readonly Case[] = [
  POOL_KEPT,
  { what: 'JSON, kept connections, provider, all decisions', shape: shape('hop', 'kept'), requests: 800 },
];
const PLAIN_STREAM: Case = { what: 'SSE, Envoy alone', shape: shape('plain', 'kept', true), requests: 1_000 };
const CASES_STREAM: readonly Case[] = [
  { what: 'SSE of 64 chunks, pool, all decisions', shape: shape('pool', 'kept', true), requests: 500 },
];
const CASES = [PLAIN, ...CASES_EAGER, PLAIN_KEPT, ...CASES_KEPT, PLAIN_STREAM, ...CASES_STREAM];
/** At one connection, each round: enough for a p99 that is not one request's bad luck. */
const SINGLE_REQUESTS = 600;

/** All cases once: what each cost, in the same minute of the same machine. */
interface Round {
  readonly costs: ReadonlyMap<Case, Cost>;
  readonly addedP50Ms: number;
  readonly addedP99Ms: number;
}

/** Ratios are taken within a round and their median is the figure: the machine may be busy, but for all cases alike. */
export const run: Run = async (say) => {
  await using owned = new AsyncDisposableStack();
  say('starting headgate, its Envoy and a plain Envoy');
  const lab = await startDataPathLab(owned);
  say('warming up');
  for (const each of CASES) await lab.measure(each.shape, CONNECTIONS, each.requests);
  const rounds: Round[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    say(`round ${round} of ${ROUNDS}`);
    rounds.push(await measureRound(lab));
  }
  return {
    figures: [
      ...CASES_EAGER.map((each) => ratio(rounds, each, PLAIN)),
      ...CASES_KEPT.map((each) => ratio(rounds, each, PLAIN_KEPT)),
      ...CASES_STREAM.map((each) => ratio(rounds, each, PLAIN_STREAM)),
      added('p50', rounds, ({ addedP50Ms }) => addedP50Ms, { below: 1.2 }),
      added('p99', rounds, ({ addedP99Ms }) => addedP99Ms),
      { what: 'headgate, most memory', value: lab.headgateMebibytes(), unit: 'MiB', goal: { below: 200 } },
      ...CASES.flatMap((each) => secondsOf(rounds, each)),
    ],
  };
};

async function measureRound(lab: DataPathLab): Promise<Round> {
  const costs = new Map<Case, Cost>();
  for (const each of CASES) costs.set(each, await lab.measure(each.shape, CONNECTIONS, each.requests));
  const plain = await lab.measure(PLAIN_KEPT.shape, 1, SINGLE_REQUESTS);
  const pool = await lab.measure(POOL_KEPT.shape, 1, SINGLE_REQUESTS);
  return { costs, addedP50Ms: pool.p50Ms - plain.p50Ms, addedP99Ms: pool.p99Ms - plain.p99Ms };
}

function ratio(rounds: readonly Round[], each: Case, plain: Case): Figure {
  const value = median(
    rounds.map(({ costs }) => costOf(costs, each).processorSeconds / costOf(costs, plain).processorSeconds),
  );
  const figure = { what: `${each.what}, beside Envoy alone`, value, unit: 'times' };
  return each.goal === undefined ? figure : { ...figure, goal: each.goal };
}

function added(share: string, rounds: readonly Round[], of: (round: Round) => number, goal?: Goal): Figure {
  const figure = { what: `JSON, pool, added ${share} at one connection`, value: median(rounds.map(of)), unit: 'ms' };
  return goal === undefined ? figure : { ...figure, goal };
}

function secondsOf(rounds: readonly Round[], each: Case): Figure[] {
  const middle = (of: (cost: Cost) => number) => median(rounds.map(({ costs }) => of(costOf(costs, each))));
  const unit = 's/1000';
  const envoy: Figure = { what: `${each.what}: Envoy`, value: middle((cost) => cost.envoySeconds), unit };
  if (each.shape.target === 'plain') return [envoy];
  return [envoy, { what: `${each.what}: headgate`, value: middle((cost) => cost.headgateSeconds), unit }];
}

function costOf(costs: ReadonlyMap<Case, Cost>, each: Case): Cost {
  return present(costs.get(each), each.what);
}
