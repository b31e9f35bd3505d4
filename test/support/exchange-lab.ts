import { digestOfText } from '../../src/core/base/digest.ts';
import type { LoadedRevision } from '../../src/core/decide/loaded-revision.ts';
import type { DecisionRecord } from '../../src/core/decide/record.ts';
import { type Exchange, openExchange } from '../../src/core/exchange/exchange.ts';
import { headerList } from '../../src/core/exchange/header-list.ts';
import type {
  Attributes,
  ImmediateReply,
  ProcessingReply,
  ProcessingRequest,
  TokenUsage,
} from '../../src/core/exchange/messages.ts';
import type { ExchangePorts } from '../../src/core/exchange/ports.ts';
import { endExchange, step } from '../../src/core/exchange/step.ts';
import { createLedger, type Ledger } from '../../src/core/load/ledger.ts';
import { KEYS } from './revision-fixture.ts';

/** When the exchanges of a lab begin. */
export const LAB_START_MS = 1_000_000;

/** One exchange with a clock and a ledger of its own, driven message by message. */
export interface ExchangeLab {
  readonly ledger: Ledger;
  readonly records: DecisionRecord[];
  /** The state after the last message. */
  exchange(): Exchange;
  /** Lets time pass. */
  wait(ms: number): void;
  send(message: ProcessingRequest): readonly ProcessingReply[];
  /** Whether the last step ended the stream from our side. */
  finished(): boolean;
  end(): void;
}

export function exchangeLab(
  loaded: LoadedRevision,
  options: {
    readonly role?: 'decide' | 'adapt';
    readonly digest?: string;
    readonly ledger?: Ledger;
    readonly id?: string;
  } = {},
): ExchangeLab {
  let nowMs = LAB_START_MS;
  let finished = false;
  const ledger = options.ledger ?? createLedger();
  const records: DecisionRecord[] = [];
  const ports: ExchangePorts = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    newId: () => options.id ?? 'dec-1',
    hashKey: digestOfText,
    revision: (digest) => (digest === loaded.revision.digest ? loaded : undefined),
    ledger,
  };
  const opening = { role: options.role ?? 'decide', digest: options.digest ?? loaded.revision.digest } as const;
  let exchange = openExchange(opening, nowMs);
  return {
    ledger,
    records,
    exchange: () => exchange,
    finished: () => finished,
    wait: (ms) => {
      nowMs += ms;
    },
    send: (message) => {
      const next = step(exchange, message, ports);
      exchange = next.exchange;
      finished = next.finished ?? false;
      records.push(...next.events.map(({ record }) => record));
      return next.replies;
    },
    end: () => {
      records.push(...endExchange(exchange, ports).map(({ record }) => record));
      exchange = { kind: 'closed' };
    },
  };
}

const BESIDE = { attributes: {}, metadata: { untyped: {} } } as const;
const utf8 = new TextEncoder();

export interface HeadersParts {
  readonly method?: string;
  readonly path?: string;
  /** Values of `authorization`; the key of team red when left out. */
  readonly authorization?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly endOfStream?: boolean;
}

/** A request's headers as Envoy sends them. */
export function requestHeaders(parts: HeadersParts = {}): ProcessingRequest {
  const authorization = parts.authorization ?? [`Bearer ${KEYS.red}`];
  const headers = headerList([
    [':method', parts.method ?? 'POST'],
    [':path', parts.path ?? '/v1/chat/completions'],
    ...authorization.map((value) => ['authorization', value] as const),
    ...Object.entries(parts.headers ?? {}),
  ]);
  return { kind: 'request-headers', headers, endOfStream: parts.endOfStream ?? false, ...BESIDE };
}

/** A chat request's body: text as it is, an object over a plain request for the model `small`. */
export function chatBody(body: string | Readonly<Record<string, unknown>> = {}): Uint8Array {
  const request = { model: 'small', messages: [{ role: 'user', content: 'hello' }] };
  return utf8.encode(typeof body === 'string' ? body : JSON.stringify({ ...request, ...body }));
}

export function requestBody(body: string | Readonly<Record<string, unknown>> = {}): ProcessingRequest {
  return { kind: 'request-body', body: chatBody(body), endOfStream: true, ...BESIDE };
}

/** The headers of an upstream's answer to attempt `attempt`, from `address`. */
export function answerHeaders(status: number, attempt: number, address: string): ProcessingRequest {
  return responseHeaders(status, {
    'upstream.request_attempt_count': attempt,
    'upstream.address': address,
    'response.code_details': 'via_upstream',
  });
}

/** The headers of any answer; without attributes it is a local reply of a filter in front of us. */
export function responseHeaders(status: number, attributes: Attributes = {}): ProcessingRequest {
  const headers = headerList([
    [':status', String(status)],
    ['content-type', 'application/json'],
  ]);
  return { ...BESIDE, kind: 'response-headers', headers, endOfStream: false, attributes };
}

export function responseTrailers(tokenUsage?: TokenUsage): ProcessingRequest {
  const metadata = { untyped: {}, ...(tokenUsage === undefined ? {} : { tokenUsage }) };
  return { kind: 'response-trailers', trailers: headerList([]), attributes: {}, metadata };
}

/** What a client sees of a refusal: how many replies there are, and the kind, status and error code of the first. */
export function refusalOf(replies: readonly ProcessingReply[]): unknown {
  const [reply] = replies as readonly [ImmediateReply];
  return [replies.length, reply.kind, reply.status, (JSON.parse(reply.body) as { error: { code: string } }).error.code];
}
