import type { DecisionRecord } from '../../../core/decide/record.ts';
import { askServer } from '../../commands/server-client.ts';
import type { ReconcileAnswer, ServerStatus } from '../../control/server-status.ts';
import type { ExplainedRecord } from '../../explain/explained-record.ts';
import { waitUntil } from './wait-until.ts';

/** What the stack asks of a running headgate, as its own commands do. */
export interface AdminClient {
  readonly status: () => Promise<ServerStatus>;
  readonly reconcile: () => Promise<ReconcileAnswer>;
  readonly explain: (id: string) => Promise<ExplainedRecord>;
  /** The records of these decisions, in their order, once all of them are written. */
  readonly records: (ids: readonly string[]) => Promise<DecisionRecord[]>;
}

/** As many as the API gives at a time. */
const RECORDS_MAX = 1_000;

/** `server` gives the admin address of the moment: a restart may change it. */
export function createAdminClient(server: () => string): AdminClient {
  const ask = async (method: 'GET' | 'POST', path: string) => (await askServer(server(), method, path)).body;
  const written = async (ids: readonly string[]) => {
    const records = (await ask('GET', `/records?limit=${RECORDS_MAX}`)) as DecisionRecord[];
    const byId = new Map(records.map((record) => [record.id, record]));
    const found = ids.flatMap((id) => byId.get(id) ?? []);
    return found.length === ids.length ? found : undefined;
  };
  return {
    status: async () => (await ask('GET', '/status')) as ServerStatus,
    reconcile: async () => (await ask('POST', '/reconcile')) as ReconcileAnswer,
    explain: async (id) => (await ask('GET', `/records/${encodeURIComponent(id)}`)) as ExplainedRecord,
    records: (ids) => waitUntil(`the records of ${ids.length} decisions`, () => written(ids)),
  };
}
