import type { RecordedAttempt } from '../decide/record.ts';
import { recordFailure, recordSuccess, release, reserve } from '../load/ledger.ts';
import type { Answering, Decided, Exchange, ExchangeStep } from './exchange.ts';
import { headerValue } from './header-list.ts';
import {
  type BodyRequest,
  type HeadersReply,
  type HeadersRequest,
  type ModeOverride,
  type ProcessingReply,
  STREAMED_BODY_BYTES_MAX,
  type TrailersRequest,
} from './messages.ts';
import type { ExchangePorts } from './ports.ts';
import { blockedAnswer } from './refuse-exchange.ts';
import { type AnswerWatch, openWatch, watchPiece } from './watch-answer.ts';

/** The answer's headers, or those of an answer that Envoy gave itself: a local reply passes us too. */
export function readAnswerHeaders(exchange: Exchange, message: HeadersRequest, ports: ExchangePorts): ExchangeStep {
  if (exchange.kind !== 'decided') return { exchange, replies: [{ kind: 'response-headers' }], events: [] };
  const status = Number(headerValue(message.headers, ':status') ?? 0);
  const served = servedBy(exchange, message);
  settleAttempts(exchange, message, served, ports);
  const contentType = headerValue(message.headers, 'content-type') ?? '';
  const watch = status === 200 && served !== undefined ? openWatch(exchange, contentType) : undefined;
  const answering: Answering = {
    ...exchange,
    kind: 'answering',
    headersMs: ports.nowMs() - exchange.startedMs,
    status,
    ...(served === undefined ? {} : { served }),
    ...(watch === undefined ? {} : { watch }),
  };
  return { exchange: answering, replies: [headersReply(exchange, status, served, watch)], events: [] };
}

/** Attempt n is entry n of the list that we gave; the engine's address is Envoy's word, since its fallback may pick another. */
function servedBy(exchange: Decided, message: HeadersRequest): Answering['served'] {
  const attempt = message.attributes['upstream.request_attempt_count'];
  const address = message.attributes['upstream.address'];
  if (attempt === undefined || address === undefined) return undefined;
  const planned = exchange.decision.attempts[Math.min(attempt, exchange.decision.attempts.length) - 1];
  if (planned === undefined) return undefined;
  const served: RecordedAttempt = { offer: planned.offer, cluster: planned.cluster };
  return { ...served, ...(planned.address === undefined ? {} : { address }), attempt };
}

/** Moves the reservation to who serves, and lets the endpoints that failed before rest. */
function settleAttempts(
  exchange: Decided,
  message: HeadersRequest,
  served: Answering['served'],
  ports: ExchangePorts,
): void {
  const { ledger } = ports;
  const { attempts, promptTokens, outputTokens } = exchange.decision;
  const nowMs = ports.nowMs();
  const tried = message.attributes['upstream.request_attempt_count'] ?? attempts.length;
  const failed = attempts.slice(0, served === undefined ? tried : served.attempt - 1);
  for (const { address } of failed) if (address !== undefined) recordFailure(ledger, address, nowMs);
  if (served?.address !== undefined) recordSuccess(ledger, served.address);
  const { reservation } = exchange;
  if (reservation === undefined || reservation.address === served?.address) return;
  release(ledger, reservation, true, nowMs);
  if (served?.address === undefined) return;
  const moved = reserve(ledger, served.address, promptTokens, outputTokens, nowMs);
  Object.assign(reservation, moved);
}

function headersReply(
  exchange: Decided,
  status: number,
  served: Answering['served'],
  watch: AnswerWatch | undefined,
): HeadersReply {
  const setHeaders: [string, string][] = [['headgate-decision', exchange.decision.record.id]];
  const model = served && exchange.loaded.revision.offers.get(served.offer)?.model;
  if (model !== undefined) setHeaders.push(['headgate-model', model]);
  // A provider that refuses our key must not look to the client like a refusal of its own.
  if ((status === 401 || status === 403) && served !== undefined) setHeaders.push([':status', '502']);
  return {
    kind: 'response-headers',
    setHeaders,
    ...(watch === undefined ? {} : { modeOverride: watchedMode(watch) }),
  };
}

/** All six modes, since one left out would mean its default. */
function watchedMode(watch: AnswerWatch): ModeOverride {
  return {
    requestHeaderMode: 'SEND',
    requestBodyMode: 'BUFFERED',
    requestTrailerMode: 'SKIP',
    responseHeaderMode: 'SEND',
    responseBodyMode: watch.kind === 'stream' ? 'FULL_DUPLEX_STREAMED' : 'BUFFERED',
    responseTrailerMode: 'SEND',
  };
}

/** A piece of a watched answer, or the whole of a plain one. */
export function readAnswerBody(
  exchange: Answering,
  watch: AnswerWatch,
  message: BodyRequest,
  ports: ExchangePorts,
): ExchangeStep {
  const seen = watchPiece(watch, message.body, message.endOfStream, ports.nowMs());
  const next: Answering = { ...exchange, watch: seen.watch };
  if (watch.kind === 'stream') {
    return { exchange: next, replies: streamedReplies(seen.emit, seen.ended), events: [] };
  }
  if (seen.blocked !== undefined) {
    return { exchange: next, replies: [blockedAnswer(seen.blocked, exchange.decision.record.id)], events: [] };
  }
  const replaced = seen.emit !== message.body;
  const reply: ProcessingReply = replaced
    ? {
        kind: 'response-body',
        setHeaders: [['content-length', String(seen.emit.length)]],
        body: { kind: 'replace', bytes: seen.emit },
      }
    : { kind: 'response-body' };
  return { exchange: next, replies: [reply], events: [] };
}

/** What may leave now, in pieces that Envoy takes; the last one ends the answer where the watch ended it or Envoy did. */
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

/** The end of an answer that named its usage. Text that was held leaves before it. */
export function readAnswerTrailers(exchange: Answering, message: TrailersRequest, ports: ExchangePorts): ExchangeStep {
  const { tokenUsage } = message.metadata;
  const inputTokens = tokenUsage?.inputTokens ?? 0;
  const next: Answering =
    tokenUsage === undefined
      ? exchange
      : {
          ...exchange,
          usage: {
            inputTokens,
            cachedTokens: Math.min(tokenUsage.cachedTokens ?? 0, inputTokens),
            outputTokens: tokenUsage.outputTokens ?? 0,
            source: 'reported',
          },
        };
  const { watch } = exchange;
  if (watch === undefined || watch.kind !== 'stream') {
    return { exchange: next, replies: [{ kind: 'response-trailers' }], events: [] };
  }
  const rest = watchPiece(watch, new Uint8Array(0), true, ports.nowMs());
  const replies = [...streamedReplies(rest.emit, false), { kind: 'response-trailers' } as const];
  return { exchange: { ...next, watch: rest.watch }, replies, events: [] };
}
