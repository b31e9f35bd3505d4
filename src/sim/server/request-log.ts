import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

/** One request to the API of a simulated server, as it arrived, and what became of it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The host name that the client asked for in TLS (SNI). */
  readonly serverName: string | undefined;
  /** Whether the server let the client in: always where it asks for no key. */
  authorized: boolean;
  /** The `model` of its body. */
  model: string | undefined;
  /** The body as text, when it is no longer than 64 KiB. */
  body: string | undefined;
  bodyBytes: number;
  /** Of the answer, once it began. */
  status: number | undefined;
  /** `aborted`: the client left before the answer's end; `broken`: a fault on command cut it. */
  outcome: 'open' | 'answered' | 'aborted' | 'broken';
}

/** Requests remembered: more than any test looks at, few enough to forget about. */
const REQUESTS_MAX = 1_024;
const BODY_UNITS_MAX = 64 * 1024;

/** Remembers the request, and forgets the oldest one when there are too many. */
export function logRequest(log: SeenRequest[], request: IncomingMessage): SeenRequest {
  const seen: SeenRequest = {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    serverName: request.socket instanceof TLSSocket ? request.socket.servername || undefined : undefined,
    authorized: false,
    model: undefined,
    body: undefined,
    bodyBytes: 0,
    status: undefined,
    outcome: 'open',
  };
  if (log.length === REQUESTS_MAX) log.shift();
  log.push(seen);
  return seen;
}

export function logBody(seen: SeenRequest, body: string): void {
  seen.bodyBytes = Buffer.byteLength(body);
  seen.body = body.length <= BODY_UNITS_MAX ? body : undefined;
}
