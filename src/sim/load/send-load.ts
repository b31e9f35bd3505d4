import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { type AnswerReader, createAnswerReader, finishAnswer, readAnswerPart } from './answer-reader.ts';

/** One request of a load, as its index in the load asks for it. */
interface LoadRequest {
  /** Of the chat completion; its `stream` decides how the answer is read. */
  readonly body: { readonly [name: string]: unknown };
  readonly headers?: { readonly [name: string]: string };
}

export interface LoadOptions {
  /** Where every request is posted, such as http://127.0.0.1:8080/v1/chat/completions. */
  readonly url: string;
  readonly requests: number;
  /** Requests in flight at a time, each on a kept connection. */
  readonly concurrency: number;
  readonly makeRequest: (index: number) => LoadRequest;
  /** A request that is not complete by then is given up; 60 s by default. */
  readonly timeoutMs?: number;
  /** Called with each result as it comes, so that a story can act in the middle of a load. */
  readonly onResult?: (result: LoadResult) => void;
}

type LoadOutcome =
  /** A complete answer of status 2xx. */
  | 'ok'
  /** A complete answer of another status. */
  | 'http-error'
  /** No connection. */
  | 'refused'
  | 'reset-before-headers'
  /** The answer broke off, or a stream ended without its [DONE]. */
  | 'reset-after-headers'
  | 'timeout';

export interface LoadResult {
  readonly index: number;
  readonly outcome: LoadOutcome;
  /** Undefined when no headers came. */
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  /** From the request to the first text of a stream, or to the first byte of a plain answer. */
  readonly ttftMs: number | undefined;
  readonly totalMs: number;
  /** Events of a stream that carry text; undefined for a plain answer. */
  readonly streamedTokens: number | undefined;
  /** `completion_tokens` of the answer's usage, where it has one. */
  readonly completionTokens: number | undefined;
  /** The `model` of the answer. */
  readonly model: string | undefined;
  /** What the model said, as far as it came; of an error its whole body. */
  readonly text: string;
}

/** No answer of a simulator takes longer, unless it hangs. */
const TIMEOUT_MS = 60_000;

/** Sends the load, always as many requests at a time as `concurrency` says; the results in the order of the indexes. */
export async function sendLoad(options: LoadOptions): Promise<LoadResult[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.concurrency });
  const results: LoadResult[] = [];
  let next = 0;
  const worker = async () => {
    while (next < options.requests) {
      const index = next;
      next += 1;
      const result = await sendOne(options, index, agent);
      results[index] = result;
      options.onResult?.(result);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, worker));
  agent.destroy();
  return results;
}

/** The state of one request, from its start to its result. */
interface Flight {
  readonly startedMs: number;
  response: IncomingMessage | undefined;
  reader: AnswerReader;
  firstMs: number | undefined;
}

function sendOne(options: LoadOptions, index: number, agent: Agent): Promise<LoadResult> {
  const { body, headers } = options.makeRequest(index);
  const flight: Flight = {
    startedMs: performance.now(),
    response: undefined,
    reader: createAnswerReader(false),
    firstMs: undefined,
  };
  return new Promise((resolve) => {
    const end = (outcome: LoadOutcome) => {
      clearTimeout(timer);
      resolve(resultOf(flight, index, outcome));
    };
    const request = httpRequest(options.url, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json', ...headers },
    });
    // The first of several endings is the one that counts: a promise resolves once.
    const timer = setTimeout(() => {
      end('timeout');
      request.destroy();
    }, options.timeoutMs ?? TIMEOUT_MS);
    request.on('error', (error: NodeJS.ErrnoException) => end(brokenOutcome(flight, error)));
    request.on('response', (response) => readResponse(flight, response, end));
    request.end(JSON.stringify(body));
  });
}

function readResponse(flight: Flight, response: IncomingMessage, end: (outcome: LoadOutcome) => void): void {
  const streamed = (response.headers['content-type'] ?? '').startsWith('text/event-stream');
  const reader = createAnswerReader(streamed);
  flight.response = response;
  flight.reader = reader;
  response.setEncoding('utf8');
  response.on('data', (part: string) => {
    readAnswerPart(reader, part);
    if (!streamed || reader.textEvents > 0) flight.firstMs ??= performance.now();
  });
  response.on('error', () => end('reset-after-headers'));
  response.on('end', () => {
    const whole = finishAnswer(reader);
    const good = response.statusCode !== undefined && response.statusCode >= 200 && response.statusCode < 300;
    if (good) end(whole ? 'ok' : 'reset-after-headers');
    else end('http-error');
  });
}

function brokenOutcome(flight: Flight, error: NodeJS.ErrnoException): LoadOutcome {
  if (flight.response !== undefined) return 'reset-after-headers';
  return error.syscall === 'connect' ? 'refused' : 'reset-before-headers';
}

function resultOf({ startedMs, response, reader, firstMs }: Flight, index: number, outcome: LoadOutcome): LoadResult {
  return {
    index,
    outcome,
    status: response?.statusCode,
    headers: response?.headers ?? {},
    ttftMs: firstMs === undefined ? undefined : firstMs - startedMs,
    totalMs: performance.now() - startedMs,
    streamedTokens: reader.streamed ? reader.textEvents : undefined,
    completionTokens: reader.completionTokens,
    model: reader.model,
    text: outcome === 'http-error' ? reader.pending : reader.text,
  };
}
