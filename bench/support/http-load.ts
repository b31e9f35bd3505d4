import { connect, type Socket } from 'node:net';
import { createAnswerEnd, isAnswerEnd } from './answer-end.ts';
import { percentile } from './percentile.ts';

/** A closed loop: each connection sends its next request when the answer to the one before is whole. */
export interface LoadJob {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly connections: number;
  readonly requests: number;
}

export interface LoadReport {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers of another status than 200, and connections that broke. */
  readonly failures: number;
}

/** As little client as can be: its own processor time is not counted, but it shares the machine with what is measured. */
export async function sendHttpLoad(job: LoadJob): Promise<LoadReport> {
  const run: Run = { request: requestBytes(job), left: job.requests, timesMs: [], failures: 0 };
  const sockets = Array.from({ length: Math.min(job.connections, job.requests) }, () =>
    connect({ host: '127.0.0.1', port: job.port, noDelay: true }),
  );
  await Promise.all(sockets.map((socket) => sendOn(socket, run)));
  return { p50Ms: percentile(run.timesMs, 0.5), p99Ms: percentile(run.timesMs, 0.99), failures: run.failures };
}

interface Run {
  readonly request: Buffer;
  left: number;
  readonly timesMs: number[];
  failures: number;
}

async function sendOn(socket: Socket, run: Run): Promise<void> {
  let answer = createAnswerEnd();
  let sentMs = performance.now();
  let isOpen = true;
  const next = () => {
    isOpen = run.left > 0;
    if (!isOpen) {
      socket.end();
      return;
    }
    run.left -= 1;
    answer = createAnswerEnd();
    sentMs = performance.now();
    socket.write(run.request);
  };
  socket.on('connect', next);
  socket.on('data', (piece) => {
    if (!isAnswerEnd(answer, piece)) return;
    run.timesMs.push(performance.now() - sentMs);
    if (answer.status !== 200) run.failures += 1;
    next();
  });
  socket.on('error', () => {
    // 'close' follows
  });
  await new Promise((resolve) => socket.on('close', resolve));
  if (!isOpen) return;
  run.timesMs.push(performance.now() - sentMs);
  run.failures += 1;
}

function requestBytes({ path, headers, body }: LoadJob): Buffer {
  const lines = [`POST ${path} HTTP/1.1`, 'host: bench', 'content-type: application/json'];
  lines.push(`content-length: ${Buffer.byteLength(body)}`);
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
