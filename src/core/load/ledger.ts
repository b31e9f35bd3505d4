import { assert } from '../base/assert.ts';
import type { EngineReport } from './report.ts';

/**
 * What we know of the load of every endpoint, first from our own picks and only then from what engines say: a pick
 * counts at once, a gauge is a second old. Times are milliseconds of one clock that the caller chooses.
 */
export interface Ledger {
  readonly endpoints: Map<string, EndpointLoad>;
}

export interface EndpointLoad {
  /** Prefill tokens admitted and, by the learned rate, not yet worked off at `queuedAtMs`. */
  queuedTokens: number;
  queuedAtMs: number;
  /** Requests that we sent and whose answers have not ended. */
  activeRequests: number;
  /** Prompt and expected output tokens of those requests: what they will hold of the KV cache. */
  reservedTokens: number;
  /** Learned from the times to first token; a prior until then. */
  prefillTokensPerSecond: number;
  /** When the rate was learned last; absent while it is the prior. */
  learnedAtMs?: number;
  /** Tokens ahead of each pick whose first token no report has counted yet, oldest first: engines answer in order. */
  readonly admissions: number[];
  meanPromptTokens: number;
  report: EngineReport | undefined;
  /** A failed attempt lets the endpoint rest until then, longer after each further one. */
  restsUntilMs: number;
  failures: number;
  /** Reads of its metrics in a row that found nobody at the address. */
  refusedScrapes: number;
  /** Nobody listens there: nothing is sent. */
  unreachable: boolean;
}

/** One request at one endpoint, from its pick to its end. */
export interface Reservation {
  readonly address: string;
  readonly promptTokens: number;
  readonly reservedTokens: number;
  released: boolean;
}

/** What a prompt costs to prefill before anything was learned: a mid-size model on a current data-centre GPU. */
export const PREFILL_TOKENS_PER_SECOND_PRIOR = 8_000;
/** The size of a waiting request before anything was learned. */
const PROMPT_TOKENS_PRIOR = 500;
/** Below this many tokens a time to first token says more about fixed costs than about the rate. */
const LEARN_TOKENS_MIN = 256;
/** Picks that wait for their first token to be counted; an engine that is not scraped would gather them for ever. */
const ADMISSIONS_MAX = 256;
/** One refused connection may be a restart; two in a row are nobody. */
const REFUSED_SCRAPES_MAX = 2;
const LEARN_WEIGHT = 0.3;
/** One report moves the rate at most this much, either way: an outlier must not send everything elsewhere. */
const LEARN_FACTOR_MAX = 4;
/** First pause after a failure; it doubles with each further one. */
const REST_MS_FIRST = 1_000;
/** An endpoint that came back is tried again at the latest after this. */
const REST_MS_MAX = 30_000;

export function createLedger(): Ledger {
  return { endpoints: new Map() };
}

/** The state of an endpoint, made on first sight. */
export function endpointLoad(ledger: Ledger, address: string): EndpointLoad {
  let load = ledger.endpoints.get(address);
  if (load === undefined) {
    load = {
      queuedTokens: 0,
      queuedAtMs: 0,
      activeRequests: 0,
      reservedTokens: 0,
      prefillTokensPerSecond: PREFILL_TOKENS_PER_SECOND_PRIOR,
      admissions: [],
      meanPromptTokens: PROMPT_TOKENS_PRIOR,
      restsUntilMs: 0,
      failures: 0,
      report: undefined,
      refusedScrapes: 0,
      unreachable: false,
    };
    ledger.endpoints.set(address, load);
  }
  return load;
}

/** Prefill tokens still ahead of a new request: what was admitted drains at the learned rate. */
export function queuedTokens(load: EndpointLoad, nowMs: number): number {
  const drained = (Math.max(0, nowMs - load.queuedAtMs) / 1_000) * load.prefillTokensPerSecond;
  return Math.max(0, load.queuedTokens - drained);
}

/** Charges a request to an endpoint, in the same tick as the pick, so that the next pick sees it. */
export function reserve(
  ledger: Ledger,
  address: string,
  promptTokens: number,
  outputTokens: number,
  nowMs: number,
): Reservation {
  const load = endpointLoad(ledger, address);
  const ahead = queuedTokens(load, nowMs);
  load.queuedTokens = ahead + promptTokens;
  load.queuedAtMs = nowMs;
  load.activeRequests += 1;
  const reservedTokens = promptTokens + outputTokens;
  load.reservedTokens += reservedTokens;
  load.admissions.push(ahead + promptTokens);
  if (load.admissions.length > ADMISSIONS_MAX) load.admissions.shift();
  load.meanPromptTokens += (promptTokens - load.meanPromptTokens) * 0.1;
  return { address, promptTokens, reservedTokens, released: false };
}

/** Ends a reservation; a second release is nothing. `unanswered` gives back the prefill that was never done. */
export function release(ledger: Ledger, reservation: Reservation, unanswered: boolean, nowMs: number): void {
  if (reservation.released) return;
  reservation.released = true;
  const load = endpointLoad(ledger, reservation.address);
  load.activeRequests -= 1;
  load.reservedTokens -= reservation.reservedTokens;
  assert(load.activeRequests >= 0, `more releases than reservations at ${reservation.address}`);
  if (unanswered) {
    load.queuedTokens = Math.max(0, queuedTokens(load, nowMs) - reservation.promptTokens);
    load.queuedAtMs = nowMs;
  }
}

/** Takes in what an engine says. Gauges may raise our estimate, never lower it: an engine that lies or lags cannot attract load. */
export function observe(ledger: Ledger, address: string, report: EngineReport, nowMs: number): void {
  const load = endpointLoad(ledger, address);
  const before = load.report;
  load.report = report;
  const restarted = before !== undefined && before.processStartSeconds !== report.processStartSeconds;
  if (before !== undefined && !restarted) learnRate(load, before, report, nowMs);
  if (restarted) {
    load.admissions.length = 0;
    recordSuccess(ledger, address);
  }
  const waitingTokens = (report.waiting ?? 0) * load.meanPromptTokens;
  const known = queuedTokens(load, nowMs);
  load.queuedTokens = Math.max(known, waitingTokens);
  load.queuedAtMs = nowMs;
  load.refusedScrapes = 0;
  load.unreachable = false;
}

/** Learns from the picks whose first tokens this report counts: each waited for the tokens that were ahead of it. */
function learnRate(load: EndpointLoad, before: EngineReport, report: EngineReport, nowMs: number): void {
  const answers = (report.ttftCount ?? 0) - (before.ttftCount ?? 0);
  const seconds = (report.ttftSumSeconds ?? 0) - (before.ttftSumSeconds ?? 0);
  if (answers <= 0 || seconds <= 0) return;
  const answered = load.admissions.splice(0, answers);
  // Where most answers went to others than us, their times say nothing of our queue.
  if (answered.length * 2 < answers) return;
  const tokens = answered.reduce((sum, ahead) => sum + ahead, 0) / answered.length;
  if (tokens < LEARN_TOKENS_MIN) return;
  const rate = load.prefillTokensPerSecond;
  const sample = Math.min(Math.max(tokens / (seconds / answers), rate / LEARN_FACTOR_MAX), rate * LEARN_FACTOR_MAX);
  // In the logarithm: a rate that halves and one that doubles count alike.
  load.prefillTokensPerSecond = rate * (sample / rate) ** LEARN_WEIGHT;
  load.learnedAtMs = nowMs;
}

/** Nobody listened where the engine's metrics are read. */
export function recordRefusedScrape(ledger: Ledger, address: string): void {
  const load = endpointLoad(ledger, address);
  load.refusedScrapes += 1;
  if (load.refusedScrapes >= REFUSED_SCRAPES_MAX) load.unreachable = true;
}

/** The engine's metrics are read no more: what they said does not count any longer. */
export function forgetScrapes(ledger: Ledger, address: string): void {
  const load = endpointLoad(ledger, address);
  load.report = undefined;
  load.refusedScrapes = 0;
  load.unreachable = false;
}

/** Nobody is at the address: it gets no request until its metrics can be read again. */
export function recordUnreachable(ledger: Ledger, address: string): void {
  endpointLoad(ledger, address).unreachable = true;
}

/**
 * An attempt at the endpoint failed: it rests, longer each time. Attempts that fail while it rests began before: they
 * are the same failure, and do not make the rest longer.
 */
export function recordFailure(ledger: Ledger, address: string, nowMs: number): void {
  const load = endpointLoad(ledger, address);
  if (load.restsUntilMs > nowMs) return;
  load.failures += 1;
  load.restsUntilMs = nowMs + Math.min(REST_MS_FIRST * 2 ** (load.failures - 1), REST_MS_MAX);
}

/** The endpoint answered a request. */
export function recordSuccess(ledger: Ledger, address: string): void {
  const load = endpointLoad(ledger, address);
  load.failures = 0;
  load.restsUntilMs = 0;
}

export function isDown(load: EndpointLoad, nowMs: number): boolean {
  return load.unreachable || load.restsUntilMs > nowMs;
}
