import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** A POST with a JSON body. */
export interface JsonPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Who signs the server's certificate, as PEM text. Default: the authorities that Node brings. */
  readonly authorityPem?: string;
}

export interface PostAnswer {
  readonly status: number;
  /** Of `Retry-After`, or of GitHub's `X-RateLimit-Reset` where nothing remains. */
  readonly retryAfterMs?: number;
  /** The beginning of what was answered. */
  readonly text: string;
}

/** The server could not be asked, or did not answer in time. */
export class PostError extends Error {
  override readonly name = 'PostError';
  readonly code: 'post-unreachable' | 'post-timeout';

  constructor(message: string, { code, cause }: { code: PostError['code']; cause: unknown }) {
    super(message, { cause });
    this.code = code;
  }
}

/** A forge answers within a second; one that takes longer is not well, and others wait behind this one. */
const TIMEOUT_MS = 10_000;
/** Enough to see why something was refused. */
const ANSWER_BYTES_MAX = 16 * 1024;
/** Longer than this nobody is let wait by a header that may be wrong. */
const RETRY_AFTER_MS_MAX = 3_600_000;

/**
 * Sends it once. Redirects are not followed: the token would go where nobody allowed it.
 * @throws PostError, also when the signal aborts
 */
export async function postJson(post: JsonPost, signal: AbortSignal, timeoutMs = TIMEOUT_MS): Promise<PostAnswer> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    return await asked(post, AbortSignal.any([signal, deadline]));
  } catch (cause) {
    const { host } = new URL(post.url);
    if (deadline.aborted) {
      throw new PostError(`${host}: no answer within ${timeoutMs} ms`, { code: 'post-timeout', cause });
    }
    const why = cause instanceof Error ? cause.message.trim() : 'unknown';
    throw new PostError(`${host}: ${why}`, { code: 'post-unreachable', cause });
  }
}

/** Rejects too where nothing can be asked: a header cannot carry the token, or the authority is no certificate. */
async function asked({ url, headers, body, authorityPem }: JsonPost, signal: AbortSignal): Promise<PostAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<PostAnswer>();
  const options = {
    method: 'POST',
    signal,
    headers: { 'user-agent': 'headgate', ...headers, 'content-length': String(Buffer.byteLength(body)) },
  };
  const outgoing = url.startsWith('https:')
    ? requestHttps(url, { ...options, ...(authorityPem === undefined ? {} : { ca: authorityPem }) })
    : requestHttp(url, options);
  outgoing.on('response', (incoming) => readAnswer(incoming).then(resolve, reject));
  outgoing.on('error', reject);
  outgoing.end(body);
  return await promise;
}

async function readAnswer(incoming: IncomingMessage): Promise<PostAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) break;
  }
  const waitMs = retryAfterMs(incoming.headers, Date.now());
  return {
    status: incoming.statusCode ?? 0,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    text: Buffer.concat(chunks).subarray(0, ANSWER_BYTES_MAX).toString('utf8'),
  };
}

/** `Retry-After` is seconds or a date (RFC 9110, 10.2.3); GitHub tells when its hourly limit ends in seconds of Unix time. */
function retryAfterMs(headers: IncomingMessage['headers'], nowMs: number): number | undefined {
  const askedMs = askedWaitMs(headers, nowMs);
  return Number.isNaN(askedMs) ? undefined : Math.min(Math.max(askedMs, 0), RETRY_AFTER_MS_MAX);
}

function askedWaitMs(headers: IncomingMessage['headers'], nowMs: number): number {
  const waits = headers['retry-after'];
  if (waits !== undefined) return /^[0-9]+$/.test(waits) ? Number(waits) * 1_000 : Date.parse(waits) - nowMs;
  if (headers['x-ratelimit-remaining'] !== '0') return Number.NaN;
  return Number(headers['x-ratelimit-reset']) * 1_000 - nowMs;
}
