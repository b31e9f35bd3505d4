import type { Draft } from './draft.ts';
import { GATE_TIMEOUT_MS } from './gate.ts';
import { changesSince } from './snapshot.ts';
import { hasLegacyWildcard, hasOrder } from './type-url.ts';

/**
 * How long nothing must be outstanding before a snapshot counts as acknowledged although the proxy did not ask for
 * every name in it: it asks for routes and endpoints a moment after it acknowledged what refers to them.
 */
const QUIET_MS = 1_000;

/** What a step leaves behind when nothing more can be sent. */
export interface Settlement {
  readonly settledSinceMs: number | undefined;
  readonly announcedGeneration: number;
  readonly wakeAtMs: number | undefined;
}

/** Reports the snapshot as fully acknowledged where it is, and tells when the stream must be looked at again. */
export function settle(draft: Draft): Settlement {
  const { stream, snapshot, nowMs } = draft;
  const announced = stream.announcedGeneration;
  if (draft.states.size === 0 || ![...draft.states.keys()].every((typeUrl) => isSettled(draft, typeUrl))) {
    return { settledSinceMs: undefined, announcedGeneration: announced, wakeAtMs: nextGateMs(draft) };
  }
  const settledSinceMs = stream.settledSinceMs ?? nowMs;
  if (announced === snapshot.generation) return { settledSinceMs, announcedGeneration: announced, wakeAtMs: undefined };
  const uncovered = uncoveredTypes(draft);
  if (uncovered.some(hasLegacyWildcard)) {
    return { settledSinceMs, announcedGeneration: announced, wakeAtMs: undefined };
  }
  if (uncovered.length > 0 && nowMs - settledSinceMs < QUIET_MS) {
    return { settledSinceMs, announcedGeneration: announced, wakeAtMs: settledSinceMs + QUIET_MS };
  }
  draft.reports.push({ kind: 'fully-acknowledged', revision: snapshot.revision });
  return { settledSinceMs, announcedGeneration: snapshot.generation, wakeAtMs: undefined };
}

function isSettled(draft: Draft, typeUrl: string): boolean {
  const state = draft.stateOf(typeUrl);
  if (state.pending.length > 0 || state.owesAnswer) return false;
  const { upserts, removals, unknown, refused } = draft.differenceOf(typeUrl);
  return upserts.length + removals.length + unknown.length + refused.length === 0;
}

/** Types with resources that the proxy did not subscribe to. What was found covered is not looked at again. */
function uncoveredTypes(draft: Draft): string[] {
  const uncovered: string[] = [];
  const { service } = draft.stream.channel;
  for (const [typeUrl, type] of draft.snapshot.types) {
    if (type.present === 0 || !hasOrder(typeUrl)) continue;
    if (service !== undefined && typeUrl !== service) continue;
    const state = draft.states.get(typeUrl);
    if (state === undefined) {
      uncovered.push(typeUrl);
      continue;
    }
    const { wildcard, names } = state.subscription;
    const fresh = wildcard ? [] : changesSince(type, state.coveredSequence);
    const isCovered = fresh.every((entry) => entry.resource === undefined || names.has(entry.name));
    if (!isCovered) uncovered.push(typeUrl);
    else if (!wildcard) draft.set(typeUrl, { ...state, coveredSequence: type.sequence });
  }
  return uncovered;
}

/** The next time at which waiting ends by itself. */
function nextGateMs(draft: Draft): number | undefined {
  const times: number[] = [draft.stream.resumingUntilMs];
  for (const state of draft.states.values()) {
    const newest = state.pending.at(-1);
    if (newest !== undefined) times.push(newest.sentAtMs + GATE_TIMEOUT_MS);
  }
  const future = times.filter((time) => time > draft.nowMs);
  return future.length === 0 ? undefined : Math.min(...future);
}
