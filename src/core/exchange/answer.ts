import type { RecordedUsage } from '../decide/record.ts';
import { refusalBody, refuse } from '../decide/refusal.ts';
import { answeredByEnvoy } from './early-end.ts';
import type { Answering, Decided, Exchange, ExchangeStep } from './exchange.ts';
import { type HeaderList, headerValue, headerValues } from './header-list.ts';
import type { HeadersReply, HeadersRequest, ModeOverride, TokenUsage, TrailersRequest } from './messages.ts';
import { withheldFromClients } from './passing-headers.ts';
import type { ExchangePorts } from './ports.ts';
import { ownAnswer } from './refuse-exchange.ts';
import { replaceAnswer } from './replace-answer.ts';
import { isFromUpstream, servedBy, settleAttempts } from './settle-attempts.ts';
import { type AnswerWatch, openErrorWatch, openWatch, withoutJudgement } from './watch-answer.ts';
import { endWatchedBody } from './watched-body.ts';

/** The answer's headers, or those of an answer that Envoy gave itself: a local reply passes us too. */
export function readAnswerHeaders(exchange: Exchange, message: HeadersRequest, ports: ExchangePorts): ExchangeStep {
  if (exchange.kind === 'reading') return answeredByEnvoy(exchange, message, ports);
  if (exchange.kind !== 'decided') return { exchange, replies: [{ kind: 'response-headers' }], events: [] };
  const status = Number(headerValue(message.headers, ':status') ?? 0);
  const served = servedBy(exchange, message);
  const { reservation: _moved, ...decided } = exchange;
  const reservation = settleAttempts(exchange, message, status, served, ports);
  const answering: Answering = {
    ...decided,
    kind: 'answering',
    headersMs: ports.monotonicMs() - exchange.startedMs,
    status,
    ...(served === undefined ? {} : { served }),
    ...(reservation === undefined ? {} : { reservation }),
  };
  if (served !== undefined && (status === 401 || status === 403)) {
    return refusedByUpstream(answering, 'The upstream does not accept the credentials of this gateway.');
  }
  if (served !== undefined && status >= 300 && status < 400) {
    return refusedByUpstream(answering, 'The upstream wants the request to go elsewhere.');
  }
  const watch = watchOf(exchange, message, status, ports.nowMs());
  const unread = watch && isEncoded(message.headers) ? withoutJudgement(watch) : undefined;
  const replaced = unread && replaceAnswer(answering, unread);
  if (replaced !== undefined) return replaced;
  return {
    exchange: watch === undefined ? answering : { ...answering, watch },
    replies: [headersReply(exchange, message, served, watch)],
    events: [],
  };
}

/**
 * An upstream that refuses our key must not look to the client like a refusal of its own, and what such answers say of
 * the key is not for clients; nor is the address of a redirect, to which they would send their own.
 */
function refusedByUpstream(answering: Answering, message: string): ExchangeStep {
  const refusal = refuse('upstream-refused', message);
  const reply = ownAnswer(
    refusal.status,
    refusalBody(refusal),
    answering.decision.record.id,
    'headgate_upstream_refused',
  );
  const exchange: Answering = { ...answering, status: refusal.status, upstreamStatus: answering.status };
  return { exchange, replies: [reply], events: [] };
}

/**
 * Every answer is watched but those that Envoy gave itself. No such one is a success, so a success is watched whoever
 * gave it.
 */
function watchOf(exchange: Decided, message: HeadersRequest, status: number, nowMs: number): AnswerWatch | undefined {
  const { loaded, principal, request, decision } = exchange;
  const { path } = decision.record.request;
  const model = decision.record.model ?? request.model;
  const watched = { loaded, principal, route: decision.route.name, model, request, method: 'POST', path };
  if (status >= 200 && status < 300) {
    return openWatch(watched, headerValue(message.headers, 'content-type') ?? '', nowMs);
  }
  return isFromUpstream(message) ? openErrorWatch(watched, nowMs) : undefined;
}

/** Whether the body is compressed, which upstreams are asked not to do: no guardrail could read it. */
function isEncoded(headers: HeaderList): boolean {
  const encodings = headerValues(headers, 'content-encoding').flatMap((value) => value.split(','));
  return encodings.some((encoding) => !['', 'identity'].includes(encoding.trim().toLowerCase()));
}

function headersReply(
  exchange: Decided,
  message: HeadersRequest,
  served: Answering['served'],
  watch: AnswerWatch | undefined,
): HeadersReply {
  const setHeaders: [string, string][] = [['headgate-decision', exchange.decision.record.id]];
  const withheld = withheldFromClients(message.headers);
  const model = served && exchange.loaded.revision.offers.get(served.offer)?.model;
  if (model !== undefined) setHeaders.push(['headgate-model', model]);
  return {
    kind: 'response-headers',
    setHeaders,
    ...(withheld.length === 0 ? {} : { removeHeaders: withheld }),
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

/** The end of an answer that named its usage. Text that was held leaves before it. */
export function readAnswerTrailers(exchange: Answering, message: TrailersRequest): ExchangeStep {
  const usage = reportedUsage(message.metadata.tokenUsage);
  const next: Answering = usage === undefined ? exchange : { ...exchange, usage };
  const { watch } = exchange;
  if (watch !== undefined) return endWatchedBody(next, watch);
  return { exchange: next, replies: [{ kind: 'response-trailers' }], events: [] };
}

/** Undefined where the answer ended before its usage was whole: what is known of it would be too little. */
function reportedUsage(usage: TokenUsage | undefined): RecordedUsage | undefined {
  if (usage?.inputTokens === undefined || usage.status === 'PARTIAL' || usage.status === 'FAILED') return undefined;
  const { inputTokens, cachedTokens = 0, outputTokens = 0 } = usage;
  return { inputTokens, cachedTokens: Math.min(cachedTokens, inputTokens), outputTokens, source: 'reported' };
}
