import { readChatRequest } from '../api/chat-request.ts';
import { hash32 } from '../base/rng.ts';
import { decide } from '../decide/decide.ts';
import type { Facts } from '../decide/facts.ts';
import { type Credential, identify } from '../decide/identify.ts';
import { modelsList } from '../decide/models-list.ts';
import { refuse } from '../decide/refusal.ts';
import { reserve } from '../load/ledger.ts';
import { allowReply } from './allow-reply.ts';
import { refuseEarly } from './early-end.ts';
import type { Decided, ExchangeStep, Opened, Reading } from './exchange.ts';
import { detached, type HeaderList, headerValue, headerValues } from './header-list.ts';
import type { BodyRequest, HeadersRequest } from './messages.ts';
import type { ExchangePorts } from './ports.ts';
import { ownAnswer, refuseExchange } from './refuse-exchange.ts';

/** The paths that we serve, by method; each other one is refused, so nothing reaches an upstream unjudged. */
const CHAT_COMPLETIONS = '/v1/chat/completions';
const MODELS = '/v1/models';

/** The request's headers: who asks, and for what. The body is awaited where there is one. */
export function readRequestHeaders(exchange: Opened, message: HeadersRequest, ports: ExchangePorts): ExchangeStep {
  const { headers } = message;
  const id = ports.newId();
  const path = pathOf(headerValue(headers, ':path') ?? '');
  const method = headerValue(headers, ':method') ?? '';
  const loaded = ports.revision(exchange.digest);
  if (loaded === undefined) {
    const refusal = refuse('unknown-revision', "This gateway does not hold the proxy's revision yet. Try again.");
    return refuseExchange(refusal, id, undefined, 0);
  }
  const { startedMs } = exchange;
  const identified = identify(loaded.revision, credentialOf(headers, ports), ports.nowMs());
  if (!identified.ok) return refuseEarly({ loaded, id, path, startedMs }, identified.error, ports);
  const principal = identified.value;
  const early = { loaded, id, path, startedMs, principal };
  if (method === 'GET' && path === MODELS) {
    const body = modelsList(loaded.revision, principal);
    return { exchange: { kind: 'closed' }, replies: [ownAnswer(200, body, id, 'headgate_models')], events: [] };
  }
  if (method !== 'POST' || path !== CHAT_COMPLETIONS) {
    const what = `${method.slice(0, 20)} ${path.slice(0, 100)}`;
    return refuseEarly(early, refuse('not-found', `${what} is not served here.`), ports);
  }
  const encoding = headerValues(headers, 'content-encoding');
  if (encoding.some((value) => value.toLowerCase() !== 'identity')) {
    return refuseEarly(early, refuse('unsupported-encoding', 'Send the body without a content-encoding.'), ports);
  }
  if (message.endOfStream) {
    return refuseEarly(early, refuse('invalid-json', 'The request has no body.'), ports);
  }
  const reading: Reading = { kind: 'reading', ...early, method, headers: detached(headers) };
  return { exchange: reading, replies: [{ kind: 'request-headers' }], events: [] };
}

/** The whole body: the decision. */
export function readRequestBody(exchange: Reading, message: BodyRequest, ports: ExchangePorts): ExchangeStep {
  const { id, loaded, principal, startedMs, headers } = exchange;
  const request = readChatRequest(message.body);
  if (!request.ok) {
    return refuseEarly(exchange, refuse(request.error.code, request.error.message), ports, message.body.length);
  }
  const facts: Facts = {
    id,
    method: exchange.method,
    path: exchange.path,
    header: (name) => headerValue(headers, name),
    body: message.body,
    request: request.value,
  };
  const monotonicMs = ports.monotonicMs();
  const { ledger } = ports;
  const decision = decide(loaded, principal, facts, { ledger, nowMs: ports.nowMs(), monotonicMs, seed: hash32(id) });
  const decidedMs = monotonicMs - startedMs;
  if (decision.kind === 'refused') return refuseExchange(decision.refusal, id, decision.record, decidedMs);
  const { body: _sent, ...kept } = decision;
  const address = decision.attempts[0]?.address;
  const decided: Decided = {
    kind: 'decided',
    startedMs,
    loaded,
    principal,
    request: { ...request.value, texts: [] },
    decision: kept,
    decidedMs,
    ...(address === undefined
      ? {}
      : { reservation: reserve(ledger, address, decision.promptTokens, decision.outputTokens, monotonicMs) }),
  };
  return { exchange: decided, replies: [allowReply(id, decision, exchange)], events: [] };
}

/** The query is not kept: it may hold what must not be written down. */
function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}

/** Two keys in one request are none: the one that we read might not be the one that somebody else reads. */
function credentialOf(headers: HeaderList, ports: ExchangePorts): Credential {
  const [authorization, ...more] = headerValues(headers, 'authorization');
  if (authorization === undefined) return { kind: 'none' };
  const key = more.length === 0 ? /^Bearer +(\S+) *$/i.exec(authorization)?.[1] : undefined;
  return key === undefined ? { kind: 'unreadable' } : { kind: 'key', hash: ports.hashKey(key) };
}
