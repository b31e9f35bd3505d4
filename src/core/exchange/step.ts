import { unreachable } from '../base/assert.ts';
import { adaptBody, adaptHeaders } from './adapt.ts';
import { readAnswerHeaders, readAnswerTrailers } from './answer.ts';
import type { Exchange, ExchangeEvent, ExchangeStep } from './exchange.ts';
import { finishRecord } from './finish.ts';
import type { ProcessingReply, ProcessingRequest } from './messages.ts';
import type { ExchangePorts } from './ports.ts';
import { readRequestBody, readRequestHeaders } from './request.ts';
import { readWatchedBody } from './watched-body.ts';

/**
 * Takes one message of Envoy. Pure but for the ports and the ledger in them. The order of messages is Envoy's
 * (envoy-1.40.md, B1 and B2); one that has no place in the exchange's state gets an empty reply of its kind, since a
 * missing reply would hold the request up until the message time-out.
 */
export function step(exchange: Exchange, message: ProcessingRequest, ports: ExchangePorts): ExchangeStep {
  switch (message.kind) {
    case 'request-headers':
      if (exchange.kind === 'opened') return readRequestHeaders(exchange, message, ports);
      if (exchange.kind === 'adapting') return adaptHeaders(message);
      return passed(exchange, message);
    case 'request-body':
      if (exchange.kind === 'reading') return readRequestBody(exchange, message, ports);
      if (exchange.kind === 'adapting') return adaptBody(exchange, message);
      return passed(exchange, message);
    case 'response-headers':
      return readAnswerHeaders(exchange, message, ports);
    case 'response-body':
      if (exchange.kind === 'answering' && exchange.watch !== undefined) {
        return readWatchedBody(exchange, exchange.watch, message);
      }
      return passed(exchange, message);
    case 'response-trailers':
      if (exchange.kind === 'answering') return readAnswerTrailers(exchange, message);
      return passed(exchange, message);
    case 'request-trailers':
      return passed(exchange, message);
    default:
      return unreachable(message);
  }
}

/** The end of the stream, however it came: the ledger gets back what the request held, and its record is complete. */
export function endExchange(exchange: Exchange, ports: ExchangePorts): readonly ExchangeEvent[] {
  const record = finishRecord(exchange, ports);
  return record === undefined ? [] : [{ kind: 'record', record }];
}

function passed(exchange: Exchange, message: ProcessingRequest): ExchangeStep {
  return { exchange, replies: [{ kind: message.kind } as ProcessingReply], events: [] };
}
