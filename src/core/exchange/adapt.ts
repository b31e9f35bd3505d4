import { editBody, renameModel } from '../api/body-edit.ts';
import { readChatRequest } from '../api/chat-request.ts';
import type { Adapting, ExchangeStep } from './exchange.ts';
import { headerValue } from './header-list.ts';
import type { BodyRequest, HeadersRequest } from './messages.ts';

/**
 * An inner attempt: the hop's configuration wrote `x-headgate-adapt: {"model": NAME}` from what the decision said for
 * this hop, and the body is the one that the decision wrote for the first attempt. Nothing is remembered between the
 * two streams, so any decider can adapt what another one decided.
 */
export function adaptHeaders(message: HeadersRequest): ExchangeStep {
  const model = modelOf(headerValue(message.headers, 'x-headgate-adapt'));
  const exchange: Adapting = { kind: 'adapting', ...(model === undefined ? {} : { model }) };
  return { exchange, replies: [{ kind: 'request-headers' }], events: [] };
}

/** Gives the body its name and ends the stream: a decider that dies later must not cut the answer (envoy-shape.md, trap 8). */
export function adaptBody(exchange: Adapting, message: BodyRequest): ExchangeStep {
  const request = readChatRequest(message.body);
  if (exchange.model === undefined || !request.ok) {
    const body =
      '{"error":{"message":"The attempt could not be adapted.","type":"gateway_error","param":null,"code":"adapt-failed"}}';
    const headers = [['content-type', 'application/json']] as const;
    const replies = [{ kind: 'immediate', status: 503, headers, body, details: 'headgate_adapt_failed' }] as const;
    return { exchange, replies, events: [], finished: true };
  }
  const bytes = editBody(message.body, renameModel(request.value, exchange.model));
  return {
    exchange,
    replies: [
      {
        kind: 'request-body',
        setHeaders: [['content-length', String(bytes.length)]],
        body: { kind: 'replace', bytes },
      },
    ],
    events: [],
    finished: true,
  };
}

function modelOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(header);
    if (typeof parsed !== 'object' || parsed === null || !('model' in parsed)) return undefined;
    return typeof parsed.model === 'string' ? parsed.model : undefined;
  } catch {
    return undefined;
  }
}
