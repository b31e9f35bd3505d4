import fastify, { type FastifyInstance } from 'fastify';
import type { DecisionRecord } from '../../core/decide/record.ts';
import { corpusLineOf } from '../../core/plan/corpus.ts';
import type { ListenAddress } from '../../io/net/listen-address.ts';
import type { FleetQuery, FleetView } from '../control/fleet-view.ts';
import type { ReconcileAnswer, ServerStatus } from '../control/server-status.ts';
import type { ExplainedRecord } from '../explain/explained-record.ts';
import type { ReconcileOrder } from '../source/reconcile.ts';
import type { SourceControl } from '../source/source-control.ts';
import { answerErrors } from './admin-error.ts';
import { answerUnchanged } from './answer-unchanged.ts';
import { addFleetRoutes } from './fleet-routes.ts';
import { foreignCaller } from './foreign-caller.ts';
import { listenForAdmin } from './listen-for-admin.ts';
import { addRolloutRoutes, type RolloutControl } from './rollout-routes.ts';
import { addSourceRoutes } from './source-routes.ts';

/** What the admin API asks of any process that decides. */
export interface DeciderSource {
  readonly status: () => object;
  /** `isRerun` decides it again. */
  readonly record: (id: string, isRerun: boolean) => ExplainedRecord | undefined | Promise<ExplainedRecord | undefined>;
  readonly records: (limit: number) => readonly DecisionRecord[];
  readonly metrics: () => Promise<string>;
  /** Whether the process serves a revision. */
  readonly ready: () => boolean;
}

/** What it asks of one that is the control plane too. */
export interface AdminSource extends DeciderSource {
  readonly status: () => ServerStatus;
  readonly fleet: (query: FleetQuery) => FleetView;
  readonly rollout: RolloutControl;
  readonly source: SourceControl;
  /** `requestedAt` is a word of the caller's: the status tells it once the order was handled. */
  readonly reconcile: (order: ReconcileOrder, requestedAt: string | undefined) => Promise<ReconcileAnswer>;
}

export interface AdminApi {
  /** With the port in use. */
  readonly address: ListenAddress;
  readonly close: () => Promise<void>;
}

const RECORDS_MAX = 1_000;
/** A corpus of a day or a week: some twenty megabytes at a kilobyte each. */
const CORPUS_RECORDS_MAX = 20_000;
/** Requests are small: a path and nothing else. */
const BODY_BYTES_MAX = 16 * 1024;
/** A time or a random word. */
const REQUESTED_AT_CHARS_MAX = 100;

/** Serves the operator's API of a control plane over HTTP. Throws AdminListenError. */
export function startAdminApi(listen: ListenAddress, source: AdminSource): Promise<AdminApi> {
  return startDeciderApi(listen, source, (server) => {
    server.post<{ Querystring: ReconcileQuery }>('/reconcile', ({ query }) =>
      source.reconcile(orderOf(query), requestedAtOf(query)),
    );
    addFleetRoutes(server, source.fleet);
    addRolloutRoutes(server, source.rollout);
    addSourceRoutes(server, source.source);
  });
}

interface ReconcileQuery {
  readonly requestedAt?: string;
  readonly retry?: string;
  readonly force?: string;
}

function requestedAtOf({ requestedAt }: ReconcileQuery): string | undefined {
  // Written twice it is a list.
  return requestedAt === undefined ? undefined : String(requestedAt).slice(0, REQUESTED_AT_CHARS_MAX);
}

function orderOf({ retry, force }: ReconcileQuery): ReconcileOrder {
  if (force === 'true') return 'force';
  return retry === 'true' ? 'retry' : 'look';
}

/**
 * Serves status, records and metrics over HTTP, and what `addRoutes` adds. It knows no caller, so it listens on loopback
 * or a Unix socket alone, and answers no page of a browser; it shows no secret and no text of a request. Throws
 * AdminListenError.
 */
export async function startDeciderApi(
  listen: ListenAddress,
  source: DeciderSource,
  addRoutes: (server: FastifyInstance) => void = () => undefined,
): Promise<AdminApi> {
  const server = fastify({ bodyLimit: BODY_BYTES_MAX, forceCloseConnections: true });
  server.addHook('onRequest', async (request, reply) => {
    const foreign = foreignCaller(request.headers);
    if (foreign !== undefined) await reply.code(403).send({ code: 'admin-foreign-caller', message: foreign });
  });
  answerErrors(server);
  answerUnchanged(server);
  addDeciderRoutes(server, source);
  addRoutes(server);
  const address = await listenForAdmin(server, listen);
  return { address, close: () => server.close() };
}

function addDeciderRoutes(server: FastifyInstance, source: DeciderSource): void {
  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', (_request, reply) => {
    if (source.ready()) return { status: 'ok' };
    return reply.code(503).send({ status: 'no revision yet' });
  });
  server.get('/status', () => source.status());
  server.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4').send(await source.metrics()),
  );
  server.get<{ Querystring: { limit?: string; format?: string } }>('/records', ({ query }) => {
    if (query.format !== 'corpus') return source.records(limitOf(query.limit, 50, RECORDS_MAX));
    // The oldest first: a corpus is read as it happened.
    const records = source.records(limitOf(query.limit, CORPUS_RECORDS_MAX, CORPUS_RECORDS_MAX)).toReversed();
    return records.flatMap((record) => corpusLineOf(record) ?? []);
  });
  server.get<{ Params: { id: string }; Querystring: { rerun?: string } }>('/records/:id', async (request, reply) => {
    const found = await source.record(request.params.id, request.query.rerun === 'true');
    if (found === undefined) return reply.code(404).send({ code: 'record-unknown', message: 'no such record' });
    return found;
  });
}

function limitOf(text: string | undefined, otherwise: number, most: number): number {
  const limit = Number(text ?? otherwise);
  return Number.isInteger(limit) && limit > 0 ? Math.min(limit, most) : otherwise;
}
