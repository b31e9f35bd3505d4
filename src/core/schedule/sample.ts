import type { Rng } from '../base/rng.ts';
import { endpointLoad, isDown, type Ledger } from '../load/ledger.ts';
import { type Candidate, candidateOf } from './candidate.ts';

/** As many endpoints are looked at for one request: more cost time and gain little (scheduling.md, 4.3). */
export const CANDIDATES_MAX = 8;
/** So many of them are the least loaded by active requests; the others are drawn by chance. */
const LEAST_LOADED = 2;

/** The candidates of a pool: all of a small one, else the least loaded and some by chance. */
export function sampleCandidates(ledger: Ledger, addresses: readonly string[], nowMs: number, rng: Rng): Candidate[] {
  const sampled = addresses.length <= CANDIDATES_MAX ? addresses : draw(ledger, addresses, nowMs, rng);
  const candidates = withHopefulRates(
    ledger,
    sampled.map((address) => candidateOf(ledger, address, nowMs)),
    nowMs,
  );
  if (candidates.some((candidate) => !candidate.down)) return candidates;
  // Where all rest, all are asked: one prompt that breaks every engine it meets must not close the pool to the next.
  return candidates.map((candidate) => ({ ...candidate, down: endpointLoad(ledger, candidate.address).unreachable }));
}

/** A rate that was not learned anew for this long counts less and less, by halves in the same time. */
const RATE_HALF_LIFE_MS = 30_000;

/**
 * An engine whose rate was never learned, or long ago, is hoped to be as fast as the best one: else the first engine
 * that was learned to be fast would get everything, and nobody would ever see that the others are fast too.
 */
function withHopefulRates(ledger: Ledger, candidates: readonly Candidate[], nowMs: number): Candidate[] {
  const learned = candidates.filter(({ address }) => endpointLoad(ledger, address).learnedAtMs !== undefined);
  if (learned.length === 0) return [...candidates];
  const best = Math.max(...learned.map((candidate) => candidate.prefillTokensPerSecond));
  return candidates.map((candidate) => {
    const { learnedAtMs } = endpointLoad(ledger, candidate.address);
    const rate = candidate.prefillTokensPerSecond;
    if (learnedAtMs === undefined) return { ...candidate, prefillTokensPerSecond: Math.max(best, rate) };
    const ageMs = Math.max(0, nowMs - learnedAtMs - RATE_HALF_LIFE_MS);
    const hoped = best - (best - rate) * 0.5 ** (ageMs / RATE_HALF_LIFE_MS);
    return { ...candidate, prefillTokensPerSecond: Math.round(hoped) };
  });
}

function draw(ledger: Ledger, addresses: readonly string[], nowMs: number, rng: Rng): string[] {
  const chosen = new Set(leastLoaded(ledger, addresses, nowMs));
  // Each draw misses a little more often as the set fills; the bound keeps a poor sequence from looping on.
  for (let turn = 0; turn < CANDIDATES_MAX * 4 && chosen.size < CANDIDATES_MAX; turn += 1) {
    const address = addresses[Math.floor(rng.next() * addresses.length)];
    if (address !== undefined) chosen.add(address);
  }
  return [...chosen];
}

function leastLoaded(ledger: Ledger, addresses: readonly string[], nowMs: number): string[] {
  const best: { address: string; active: number }[] = [];
  for (const address of addresses) {
    const load = endpointLoad(ledger, address);
    if (isDown(load, nowMs)) continue;
    best.push({ address, active: load.activeRequests });
    best.sort((left, right) => left.active - right.active);
    if (best.length > LEAST_LOADED) best.pop();
  }
  return best.map((entry) => entry.address);
}
