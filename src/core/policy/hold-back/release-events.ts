import { present } from '../../base/assert.ts';
import { editAnswer, type TextEdit } from './answer-texts.ts';
import { type Channel, settledEnd, trimChannel } from './channel.ts';
import { eventData, withData } from './sse-events.ts';
import type { HeldEvent, HeldPiece, HoldBack, PlacedRedaction } from './state.ts';

/**
 * Lets the held events leave, in order, up to the first with a piece that is not certain yet. Of a buffered answer none
 * leaves before the end.
 */
export function releaseEvents<Denial>(
  state: HoldBack<Denial>,
  isComplete: boolean,
): { readonly state: HoldBack<Denial>; readonly events: readonly Uint8Array[] } {
  if (state.rules.mode === 'buffer' && !isComplete) return { state, events: [] };
  const limits = new Map([...state.channels].map(([ptr, channel]) => [ptr, settledEnd(channel)]));
  const mayLeave = (event: HeldEvent) => event.pieces.every((piece) => piece.end <= (limits.get(piece.ptr) ?? 0));
  const firstHeld = state.held.findIndex((event) => !mayLeave(event));
  const count = firstHeld < 0 ? state.held.length : firstHeld;
  const left = new Map(state.left);
  const events: Uint8Array[] = [];
  for (const event of state.held.slice(0, count)) {
    const bytes = redactedEvent(event, state.redactions);
    if (bytes !== undefined) events.push(bytes);
    for (const piece of event.pieces) left.set(piece.ptr, piece.end);
  }
  const channels = new Map<string, Channel>();
  for (const [ptr, channel] of state.channels) {
    const hasLeftWhole = channel.isWhole && left.has(ptr);
    if (!hasLeftWhole) channels.set(ptr, trimChannel(channel, left.get(ptr) ?? 0));
  }
  return { state: { ...state, held: state.held.slice(count), left, channels }, events };
}

/** The event as the client may see it; undefined for one that cannot be shown without what a redaction takes away. */
function redactedEvent(
  event: HeldEvent,
  redactions: ReadonlyMap<string, readonly PlacedRedaction[]>,
): Uint8Array | undefined {
  const edits: TextEdit[] = [];
  for (const piece of event.pieces) {
    const touching = (redactions.get(piece.ptr) ?? []).filter(({ from, to }) => from < piece.end && to > piece.start);
    if (touching.length === 0) continue;
    if (piece.path === undefined) return undefined;
    edits.push({ path: piece.path, redact: (text) => redactedPiece(text, piece, touching) });
  }
  if (edits.length === 0) return event.bytes;
  return withData(event.bytes, editAnswer(present(eventData(event.bytes), 'data of an event with texts'), edits));
}

/** The piece without what is taken away; a replacement stands where its span begins. */
function redactedPiece(text: string, piece: HeldPiece, redactions: readonly PlacedRedaction[]): string {
  let out = '';
  let at = piece.start;
  for (const { from, to, with: replacement } of redactions) {
    out += text.slice(at - piece.start, Math.max(from, at) - piece.start);
    if (from >= piece.start) out += replacement;
    at = Math.min(to, piece.end);
  }
  return out + text.slice(at - piece.start);
}
