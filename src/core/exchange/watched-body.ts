import type { Answering, ExchangeStep } from './exchange.ts';
import { type BodyRequest, type ProcessingReply, STREAMED_BODY_BYTES_MAX } from './messages.ts';
import { replaceAnswer } from './replace-answer.ts';
import { type AnswerWatch, watchPiece } from './watch-answer.ts';

/** A piece of a watched stream, or the whole of a watched plain answer. */
export function readWatchedBody(exchange: Answering, watch: AnswerWatch, message: BodyRequest): ExchangeStep {
  const seen = watchPiece(watch, message.body, message.endOfStream);
  const next: Answering = { ...exchange, watch: seen.watch };
  if (watch.kind === 'stream') {
    return { exchange: next, replies: streamedReplies(seen.emit, seen.ended), events: [] };
  }
  const replaced = replaceAnswer(next, seen.watch);
  if (replaced !== undefined) return replaced;
  return { exchange: next, replies: [plainReply(message.body, seen.emit)], events: [] };
}

/** The end of a watched answer that came as trailers: text that was held leaves before them. */
export function endWatchedBody(exchange: Answering, watch: AnswerWatch): ExchangeStep {
  const trailers = { kind: 'response-trailers' } as const;
  if (watch.kind !== 'stream') return { exchange, replies: [trailers], events: [] };
  const rest = watchPiece(watch, new Uint8Array(0), true);
  const replies = [...streamedReplies(rest.emit, false), trailers];
  return { exchange: { ...exchange, watch: rest.watch }, replies, events: [] };
}

function plainReply(before: Uint8Array, after: Uint8Array): ProcessingReply {
  if (after === before) return { kind: 'response-body' };
  return {
    kind: 'response-body',
    setHeaders: [['content-length', String(after.length)]],
    body: { kind: 'replace', bytes: after },
  };
}

/** What may leave now, in pieces that Envoy takes; the last one ends the answer where the watch or Envoy ended it. */
function streamedReplies(bytes: Uint8Array, ended: boolean): ProcessingReply[] {
  const replies: ProcessingReply[] = [];
  for (let at = 0; at < bytes.length; at += STREAMED_BODY_BYTES_MAX) {
    const piece = bytes.subarray(at, at + STREAMED_BODY_BYTES_MAX);
    const endOfStream = ended && at + STREAMED_BODY_BYTES_MAX >= bytes.length;
    replies.push({ kind: 'response-body', body: { kind: 'streamed', bytes: piece, endOfStream } });
  }
  if (ended && replies.length === 0) {
    replies.push({ kind: 'response-body', body: { kind: 'streamed', bytes: new Uint8Array(0), endOfStream: true } });
  }
  return replies;
}
