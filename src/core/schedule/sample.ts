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
  const candidates = sampled.map((address) => candidateOf(ledger, address, nowMs));
  if (candidates.some((candidate) => !candidate.down)) return candidates;
  // Where all rest, all are asked: one prompt that breaks every engine it meets must not close the pool to the next.
  return candidates.map((candidate) => ({ ...candidate, down: endpointLoad(ledger, candidate.address).unreachable }));
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
