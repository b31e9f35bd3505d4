import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { METRICS_ANSWER, PLAIN_ANSWER, STREAMED_ANSWER } from './chat-answers.ts';

/** What the parent asks for. */
export interface UpstreamJob {
  /** So many engines, each on its own port. */
  readonly engines: number;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** What it is told: the ports of all. */
export interface UpstreamPorts {
  readonly engines: readonly number[];
  /** Behind TLS. */
  readonly provider: number;
}

const HEAD_END = '\r\n\r\n';

process.on('message', async ({ engines, certificatePem, privateKeyPem }: UpstreamJob) => {
  const servers = Array.from({ length: engines }, () => createServer({ noDelay: true }, serve));
  const provider = createTlsServer({ cert: certificatePem, key: privateKeyPem, noDelay: true }, serve);
  const ports = await Promise.all([...servers, provider].map(listen));
  const told: UpstreamPorts = { engines: ports.slice(0, engines), provider: ports[engines] ?? 0 };
  process.send?.(told);
});
process.on('disconnect', () => process.exit());

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Answers each request when it is whole; a connection carries one at a time. */
function serve(socket: Socket): void {
  let held: Buffer | undefined;
  socket.on('data', (piece: Buffer) => {
    const bytes = held === undefined ? piece : Buffer.concat([held, piece]);
    const isWhole = isWholeRequest(bytes);
    held = isWhole ? undefined : bytes;
    if (isWhole) for (const part of answerTo(bytes)) socket.write(part);
  });
  socket.on('error', () => {
    // the proxy is gone, and so is what it asked for
  });
}

function isWholeRequest(bytes: Buffer): boolean {
  const end = bytes.indexOf(HEAD_END);
  if (end === -1) return false;
  const [, length = '0'] = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString('latin1', 0, end)) ?? [];
  return bytes.length >= end + HEAD_END.length + Number(length);
}

function answerTo(request: Buffer): readonly Buffer[] {
  if (request[0] === 'G'.charCodeAt(0)) return [METRICS_ANSWER];
  return request.includes('"stream":true') ? STREAMED_ANSWER : [PLAIN_ANSWER];
}
