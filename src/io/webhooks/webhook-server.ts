import { chmod, readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { formatListenAddress, type ListenAddress, removeStaleSocket, SOCKET_MODE } from '../net/listen-address.ts';
import { limitBodies } from './body-room.ts';
import { deliveryId, isGenuine, type WebhookForge } from './forge-signatures.ts';
import { pushedRefs } from './pushed-refs.ts';
import { SeenDeliveries } from './seen-deliveries.ts';

export interface WebhookOptions {
  readonly listen: ListenAddress;
  /** PEM files for https; without them it is http, for a proxy that ends TLS before it. They are read again. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** The secret that is shared with each forge, read at each delivery; who is not here is not known. */
  readonly secrets: ReadonlyMap<WebhookForge, () => string>;
  /** Whether a push of these refs may concern us; undefined: it was no push, or none that we know. */
  readonly isWatched: (refs: readonly string[] | undefined) => boolean;
  readonly onPush: (forge: WebhookForge) => void;
  /** What came of each delivery; the forge is empty where none of the settings was named. */
  readonly onResult: (forge: WebhookForge | '', result: WebhookResult) => void;
  /** A delivery without the secret, above a limit, or whose connection the system could not give. */
  readonly onRefusal: (refusal: WebhookRefusal) => void;
  readonly nowMs: () => number;
}

export interface WebhookRefusal {
  readonly code: 'webhook-not-genuine' | 'webhook-too-many' | 'webhook-too-large' | 'webhook-not-accepted';
  readonly path: string;
}

/**
 * fetch: it led to a look; repeated: it was here before; not-watched: another ref, or no push; not-genuine: without the
 * secret; too-many, too-large: above a limit; failed: its body did not come, or not as it should; unknown: no such forge.
 */
export type WebhookResult =
  | 'fetch'
  | 'repeated'
  | 'not-watched'
  | 'not-genuine'
  | 'too-many'
  | 'too-large'
  | 'failed'
  | 'unknown';

export interface WebhookServer {
  readonly address: ListenAddress;
  readonly close: () => Promise<void>;
}

/** Why webhooks cannot be listened for. */
class WebhookListenError extends Error {
  override readonly name = 'WebhookListenError';
  readonly code = 'webhook-listen-failed';
}

/** A push of two thousand commits with their file names; the poll finds what a larger one says. */
const BODY_BYTES_MAX = 8 * 1024 * 1024;
const CONNECTIONS_MAX = 256;
/** A body of that size comes within seconds. */
const REQUEST_TIMEOUT_MS = 10_000;
/** Requests that may come at once, and then in a second: more than any forge sends, and a tenth of a core. */
const BURST_MAX = 1_000;
const REQUESTS_PER_SECOND = 100;
const TLS_READ_INTERVAL_MS = 60_000;

/**
 * Takes pushes at `POST /webhooks/FORGE`. A payload is never more than a hint to look at the repository: 202 says whether
 * it led to a look. 401 without the secret, 404 for a forge that is not in the settings, 413 and 429 above the limits.
 * @throws WebhookListenError
 */
export async function startWebhookServer(options: WebhookOptions): Promise<WebhookServer> {
  const { tls, listen } = options;
  const limits = {
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
  };
  const { app, address } = await listening(options, limits).catch((cause: unknown) => {
    throw notListening(listen, cause);
  });
  const rereads = tls === undefined ? undefined : setInterval(() => void renew(app, tls), TLS_READ_INTERVAL_MS);
  rereads?.unref();
  return {
    address,
    close: async () => {
      clearInterval(rereads);
      await app.close();
    },
  };
}

function notListening(listen: ListenAddress, cause: unknown): WebhookListenError {
  return new WebhookListenError(`cannot listen for webhooks on ${formatListenAddress(listen)}`, { cause });
}

async function listening(
  options: WebhookOptions,
  limits: object,
): Promise<{ readonly app: FastifyInstance; readonly address: ListenAddress }> {
  const { listen, tls } = options;
  // An http server and an https one have types of their own, and the same routes.
  const app = fastify(tls === undefined ? limits : { ...limits, https: await readPair(tls) }) as FastifyInstance;
  addLimits(app, options);
  addRoutes(app, options);
  app.server.maxConnections = CONNECTIONS_MAX;
  if ('path' in listen) await removeStaleSocket(listen.path);
  await app.listen(listen);
  app.server.on('error', () => options.onRefusal({ code: 'webhook-not-accepted', path: '' }));
  if ('path' in listen) await chmod(listen.path, SOCKET_MODE);
  const bound = app.server.address();
  return {
    app,
    address: bound === null || typeof bound === 'string' ? listen : { host: bound.address, port: bound.port },
  };
}

function addLimits(app: FastifyInstance, { onRefusal, onResult, secrets, nowMs }: WebhookOptions): void {
  const forgeOf = (request: FastifyRequest) =>
    [...secrets.keys()].find((forge) => pathOf(request) === `/webhooks/${forge}`) ?? '';
  const refuseForNow = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    onRefusal({ code: 'webhook-too-many', path: pathOf(request) });
    onResult(forgeOf(request), 'too-many');
    return reply.code(429).header('retry-after', '1').send({ code: 'webhook-too-many' });
  };
  let left = BURST_MAX;
  let filledMs = nowMs();
  app.addHook('onRequest', async (request, reply) => {
    const atMs = nowMs();
    left = Math.min(left + (Math.max(atMs - filledMs, 0) * REQUESTS_PER_SECOND) / 1_000, BURST_MAX);
    filledMs = atMs;
    if (left < 1) await refuseForNow(request, reply);
    else left -= 1;
  });
  limitBodies(app);
  app.setErrorHandler((cause: Error & { statusCode?: number }, request, reply) => {
    const status = cause.statusCode ?? 500;
    if (status === 429) return refuseForNow(request, reply);
    if (status === 413) onRefusal({ code: 'webhook-too-large', path: pathOf(request) });
    onResult(forgeOf(request), status === 413 ? 'too-large' : 'failed');
    return reply.code(status).send({ code: status === 413 ? 'webhook-too-large' : 'webhook-bad-request' });
  });
  app.setNotFoundHandler((_request, reply) => {
    onResult('', 'unknown');
    return reply.code(404).send({ code: 'webhook-unknown' });
  });
}

function addRoutes(app: FastifyInstance, options: WebhookOptions): void {
  const seen = new SeenDeliveries();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  for (const [forge, secret] of options.secrets) {
    app.post(`/webhooks/${forge}`, (request, reply) =>
      take({ forge, secret: secret(), seen, ...options }, request, reply),
    );
  }
}

interface Taking extends WebhookOptions {
  readonly forge: WebhookForge;
  readonly secret: string;
  readonly seen: SeenDeliveries;
}

function take(taking: Taking, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { forge, secret, seen, isWatched, onPush, onRefusal, onResult, nowMs } = taking;
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const { headers } = request;
  if (!isGenuine(forge, { headers, body }, secret, nowMs())) {
    onRefusal({ code: 'webhook-not-genuine', path: pathOf(request) });
    onResult(forge, 'not-genuine');
    return reply.code(401).send({ code: 'webhook-not-genuine' });
  }
  if (!seen.isNew(deliveryId(forge, headers), body, nowMs())) {
    onResult(forge, 'repeated');
    return reply.code(202).send({ fetch: false, why: 'this delivery was here before' });
  }
  if (!isWatched(pushedRefs(body, headers['content-type'] ?? ''))) {
    onResult(forge, 'not-watched');
    return reply.code(202).send({ fetch: false, why: 'the watched ref was not pushed' });
  }
  onResult(forge, 'fetch');
  onPush(forge);
  return reply.code(202).send({ fetch: true });
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0]?.slice(0, 100) ?? '';
}

type Pem = NonNullable<WebhookOptions['tls']>;

async function readPair({ certificate, key }: Pem): Promise<{ cert: Buffer; key: Buffer }> {
  return { cert: await readFile(certificate), key: await readFile(key) };
}

/** A pair that cannot be read, or does not fit while it is being replaced, leaves the last one in place. */
async function renew(app: FastifyInstance, tls: Pem): Promise<void> {
  try {
    (app.server as unknown as Server).setSecureContext(await readPair(tls));
  } catch {
    // The next reading finds the new pair whole.
  }
}
