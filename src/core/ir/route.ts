import { digestOfJson, shortDigest } from '../base/digest.ts';
import { perObject } from '../base/remember.ts';
import type { Origin } from './origin.ts';

/** When an attempt is followed by the next one. `reset` is before any answer; nothing is retried after its headers. */
export type RetryWord = 'connect' | 'reset' | '5xx' | '429' | 'timeout';

/** Who gets what. */
export interface Route {
  readonly name: string;
  readonly origin: Origin;
  readonly match: RouteMatch;
  readonly require: RouteRequirement;
  /** Tried in order. */
  readonly tiers: readonly Tier[];
  readonly retry: { readonly attempts: number; readonly on: readonly RetryWord[] };
  readonly timeouts: RouteTimeouts;
  readonly bodyBytesMax: number;
}

/** Every member must hold. An empty list of models or teams cannot stand here: the language refuses it. */
export interface RouteMatch {
  /** Names of models (aliases are resolved), or every one. */
  readonly models: readonly string[] | '*';
  /** Names of teams; `*` is every known team and never `anonymous`, which a route must list by itself. */
  readonly teams: readonly string[] | '*';
  /** Labels that the team must carry, all of them. */
  readonly labels: Readonly<Record<string, string>>;
  /** Request headers (names in lower case) that must have exactly this value. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What an offer must be to serve a request of this route; absent means any. */
export interface RouteRequirement {
  readonly regions?: readonly string[];
  readonly retention?: string;
}

export interface RouteTimeouts {
  /** To the answer's headers, per try of a streamed request. */
  readonly headersMs: number;
  /** To the whole answer, per try of a plain request. */
  readonly answerMs: number;
  /** Between two pieces of an answer. */
  readonly idleMs: number;
  readonly totalMs: number;
}

export interface Tier {
  readonly origin: Origin;
  /** One arm at least; each request stays on one arm by a stable hash of its affinity key. */
  readonly arms: readonly Arm[];
  readonly order: 'listed' | 'price' | 'load';
  /** The tier is left for the next one when the predicted wait is longer. */
  readonly untilWaitMs?: number;
}

export interface Arm {
  readonly origin: Origin;
  /** Absent for the model that was asked for. */
  readonly model?: string;
  /** Names of offers of that model; absent for all of them. */
  readonly offers?: readonly string[];
  readonly weight: number;
}

/**
 * The part of a route that Envoy itself must know (what is retried, body limit, time-outs): equal parts share one
 * Envoy route, which the decision selects by this name.
 */
export const attemptClass = perObject((route: Pick<Route, 'retry' | 'timeouts' | 'bodyBytesMax'>): string => {
  const { idleMs, totalMs } = route.timeouts;
  const on = [...route.retry.on].sort();
  return shortDigest(digestOfJson({ on, idleMs, totalMs, bodyBytesMax: route.bodyBytesMax })).slice(0, 12);
});
