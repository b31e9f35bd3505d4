import { readChatRequest } from '../api/chat-request.ts';
import { digestOfText } from '../base/digest.ts';
import { hash32 } from '../base/rng.ts';
import { decide } from '../decide/decide.ts';
import type { Facts } from '../decide/facts.ts';
import { identify, type Principal } from '../decide/identify.ts';
import type { LoadedRevision } from '../decide/loaded-revision.ts';
import { modelsList } from '../decide/models-list.ts';
import type { DecisionRecord } from '../decide/record.ts';
import { type Refusal, refuse } from '../decide/refusal.ts';
import { reserve } from '../load/ledger.ts';
import { allowReply } from './allow-reply.ts';
import type { Decided, ExchangeStep, Opened, Reading } from './exchange.ts';
import { type HeaderList, headerValue } from './header-list.ts';
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
  const context = { loaded, id, path, startedMs: exchange.startedMs, ports };
  const keyHash = keyHashOf(headers, ports);
  const principal = identify(loaded.revision, keyHash, ports.nowMs());
  if (!principal.ok) return refuseEarly(context, principal.error);
  if (method === 'GET' && path === MODELS) {
    const body = modelsList(loaded.revision, principal.value);
    return { exchange: { kind: 'closed' }, replies: [ownAnswer(200, body, id, 'headgate_models')], events: [] };
  }
  if (method !== 'POST' || path !== CHAT_COMPLETIONS) {
    const what = `${method.slice(0, 20)} ${path.slice(0, 100)}`;
    return refuseEarly(context, refuse('not-found', `${what} is not served here.`), principal.value);
  }
  if (message.endOfStream) {
    return refuseEarly(context, refuse('invalid-json', 'The request has no body.'), principal.value);
  }
  const { startedMs } = exchange;
  const reading: Reading = {
    kind: 'reading',
    startedMs,
    loaded,
    principal: principal.value,
    id,
    method,
    path,
    headers,
  };
  return { exchange: reading, replies: [{ kind: 'request-headers' }], events: [] };
}

/** The whole body: the decision. */
export function readRequestBody(exchange: Reading, message: BodyRequest, ports: ExchangePorts): ExchangeStep {
  const { id, loaded, principal, startedMs, headers } = exchange;
  const request = readChatRequest(message.body);
  if (!request.ok) {
    const context = { loaded, id, path: exchange.path, startedMs, ports };
    return refuseEarly(context, refuse(request.error.code, request.error.message), principal, message.body.length);
  }
  const facts: Facts = {
    id,
    method: exchange.method,
    path: exchange.path,
    header: (name) => headerValue(headers, name),
    body: message.body,
    request: request.value,
  };
  const nowMs = ports.nowMs();
  const decision = decide(loaded, principal, facts, { ledger: ports.ledger, nowMs, seed: hash32(id) });
  const decidedMs = nowMs - startedMs;
  if (decision.kind === 'refused') return refuseExchange(decision.refusal, id, decision.record, decidedMs);
  const address = decision.attempts[0]?.address;
  const decided: Decided = {
    kind: 'decided',
    startedMs,
    loaded,
    principal,
    request: request.value,
    decision,
    decidedMs,
    ...(address === undefined
      ? {}
      : { reservation: reserve(ports.ledger, address, decision.promptTokens, decision.outputTokens, nowMs) }),
  };
  return { exchange: decided, replies: [allowReply(id, decision)], events: [] };
}

interface EarlyContext {
  readonly loaded: LoadedRevision;
  readonly id: string;
  readonly path: string;
  readonly startedMs: number;
  readonly ports: ExchangePorts;
}

/** A refusal before there was a request to decide on: its record says what is known. */
function refuseEarly(context: EarlyContext, refusal: Refusal, principal?: Principal, bodyBytes = 0): ExchangeStep {
  const { loaded, id, startedMs, ports } = context;
  const record: DecisionRecord = {
    id,
    timeMs: ports.nowMs(),
    digest: loaded.revision.digest,
    commit: loaded.revision.commit,
    request: { path: context.path.slice(0, PATH_LENGTH_MAX), bodyBytes },
    ...(principal === undefined
      ? {}
      : { principal: { team: principal.team, ...(principal.key === undefined ? {} : { key: principal.key }) } }),
    removed: [],
    candidates: [],
    attempts: [],
    policies: [],
    seed: hash32(id),
    refusal: { reason: refusal.reason, code: refusal.code },
  };
  return refuseExchange(refusal, id, record, ports.nowMs() - startedMs);
}

/** A client writes the path; a record keeps the part that tells what it was. */
const PATH_LENGTH_MAX = 200;

/** The query is not kept: it may hold what must not be written down. */
function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}

function keyHashOf(headers: HeaderList, ports: ExchangePorts): string | undefined {
  const authorization = headerValue(headers, 'authorization');
  if (authorization === undefined) return undefined;
  const bearer = /^Bearer +(\S+) *$/i.exec(authorization);
  // What is no bearer key is still not nothing: it must not pass as anonymous.
  return bearer === null ? digestOfText('') : ports.hashKey(bearer[1] ?? '');
}
