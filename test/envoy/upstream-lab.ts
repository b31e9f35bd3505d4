import {
  createServer as createHttpServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '../../src/sim/certificates.ts';

/** One request as an upstream got it. */
export interface SeenRequest {
  readonly upstream: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A model server that answers as its test says. */
export interface Upstream {
  readonly name: string;
  readonly port: number;
  answer: (response: ServerResponse) => void;
  close(): Promise<void>;
}

/** A chat completion with usage, by the upstream's name. */
export function completion(name: string): (response: ServerResponse) => void {
  const usage = { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 };
  return (response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ id: name, object: 'chat.completion', choices: [], usage }));
  };
}

/** Starts one on loopback, over TLS with a certificate; what it gets is appended to `seen`. */
export async function startUpstream(name: string, seen: SeenRequest[], certificate?: Certificate): Promise<Upstream> {
  const upstream: { answer: Upstream['answer'] } = { answer: completion(name) };
  const listener: RequestListener = (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      seen.push({
        upstream: name,
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(pieces).toString(),
      });
      upstream.answer(response);
    });
  };
  const server =
    certificate === undefined
      ? createHttpServer(listener)
      : createHttpsServer({ cert: certificate.certificatePem, key: certificate.privateKeyPem }, listener);
  const port = await listening(server);
  return Object.assign(upstream, { name, port, close: () => closed(server) });
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
