import type { PolicyText } from '../finding.ts';
import type { Redaction } from '../redact.ts';
import { channelPoints, unitOfPoint } from './channel.ts';
import type { HoldBack, PlacedRedaction } from './state.ts';

/** Asks the guardrails about everything found so far, and takes over what they say. */
export function acceptVerdict<Denial>(state: HoldBack<Denial>, texts: readonly PolicyText[]): HoldBack<Denial> {
  const verdict = state.rules.judge({
    findings: state.findings,
    texts,
    pointsAt: (ptr) => {
      const channel = state.channels.get(ptr);
      return channel === undefined ? undefined : channelPoints(channel);
    },
  });
  if (verdict.denied !== undefined) return { ...state, end: { kind: 'denied', denial: verdict.denied } };
  const redactions = new Map<string, PlacedRedaction[]>();
  for (const redaction of verdict.redact) {
    const placed = place(state, redaction);
    if (placed === undefined) {
      return { ...state, end: { kind: 'unjudged', message: 'a policy redacts text that has left' } };
    }
    redactions.set(redaction.ptr, [...(redactions.get(redaction.ptr) ?? []), placed]);
  }
  return { ...state, redactions };
}

/**
 * Undefined for a redaction that comes too late. One that reaches into text that has left must take away of it what
 * was taken away when it left; it may have grown to the right, by a finding that overlaps.
 */
function place<Denial>(state: HoldBack<Denial>, redaction: Redaction): PlacedRedaction | undefined {
  const { ptr, start, end } = redaction;
  const known = state.redactions.get(ptr)?.find((other) => other.start === start && other.with === redaction.with);
  if (known?.end === end) return known;
  const channel = state.channels.get(ptr);
  const from = known?.from ?? (channel && unitOfPoint(channel, start));
  const to = channel && unitOfPoint(channel, end);
  if (from === undefined || to === undefined) return undefined;
  const left = state.left.get(ptr) ?? 0;
  const takenBefore = known === undefined ? from : Math.min(known.to, left);
  return from >= left || takenBefore === Math.min(to, left) ? { ...redaction, from, to } : undefined;
}
