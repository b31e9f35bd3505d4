import { type Agent, type IncomingMessage, request } from 'node:http';
import { ScrapeError } from './scrape-error.ts';

export interface FetchLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** vLLM writes tens of kilobytes; a server with many models and ranks writes a megabyte. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

/**
 * The metrics text of one engine.
 * @throws ScrapeError, also when the signal aborts
 */
export async function fetchMetrics(
  agent: Agent,
  { address, path }: { readonly address: string; readonly path: string },
  { timeoutMs, signal }: FetchLimits,
): Promise<string> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const read = asked(agent, address, path, AbortSignal.any([signal, deadline]));
  return await read.catch((cause: unknown) => {
    if (cause instanceof ScrapeError) throw cause;
    if (deadline.aborted) throw new ScrapeError('scrape-timeout', `${address}: no answer within ${timeoutMs} ms`);
    const why = cause instanceof Error ? cause.message : 'unknown';
    throw new ScrapeError('scrape-unreachable', `${address}: ${why}`, { cause });
  });
}

/** Rejects too where nobody can be asked, as at an address that is none. */
async function asked(agent: Agent, address: string, path: string, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const headers = { accept: 'text/plain;version=0.0.4' };
  const outgoing = request(`http://${address}${path}`, { agent, signal, headers });
  outgoing.on('response', (incoming) => resolve(readText(incoming, address)));
  outgoing.on('error', reject);
  outgoing.end();
  return await promise;
}

async function readText(incoming: IncomingMessage, address: string): Promise<string> {
  if (incoming.statusCode !== 200) {
    incoming.resume();
    throw new ScrapeError('scrape-status', `${address}: status ${incoming.statusCode}`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) {
      throw new ScrapeError('scrape-too-large', `${address}: more than ${ANSWER_BYTES_MAX} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}
