import type { IncomingMessage } from 'node:http';

/** Above every limit that a gateway in front of us would set. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;

/** The whole body as text; undefined when it is too large or its client left before its end. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}
