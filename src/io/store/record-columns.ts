import type { DecisionRecord, Outcome } from '../../core/decide/record.ts';

/** What of a record can be searched and counted; the rest stands in its JSON. */
interface RecordColumns {
  readonly id: string;
  readonly time_ms: number;
  readonly digest: string;
  readonly commit_id: string;
  readonly team: string | null;
  readonly key_name: string | null;
  readonly route: string | null;
  readonly model: string | null;
  readonly offer: string | null;
  readonly endpoint: string | null;
  readonly outcome: string;
  readonly status: number | null;
  readonly refusal_code: string | null;
  readonly input_tokens: number | null;
  readonly cached_tokens: number | null;
  readonly output_tokens: number | null;
  readonly cost_micro_usd: number | null;
  readonly headers_ms: number | null;
  readonly total_ms: number | null;
}

/** The outcome of a record whose request has not ended. */
const OPEN = 'open';

/** The offer and the endpoint are those that served, else the first that was to be tried. */
function recordColumns(record: DecisionRecord): RecordColumns {
  const { outcome, principal } = record;
  const served = outcome?.served ?? record.attempts[0];
  return {
    id: record.id,
    time_ms: record.timeMs,
    digest: record.digest,
    commit_id: record.commit,
    team: principal?.team ?? null,
    key_name: principal?.key ?? null,
    route: record.route ?? null,
    model: record.model ?? record.request.model ?? null,
    offer: served?.offer ?? null,
    endpoint: served?.address ?? null,
    refusal_code: record.refusal?.code ?? null,
    ...outcomeColumns(outcome),
  };
}

type OutcomeColumn = 'outcome' | 'status' | 'cost_micro_usd' | 'headers_ms' | 'total_ms' | TokenColumn;
type TokenColumn = 'input_tokens' | 'cached_tokens' | 'output_tokens';

function outcomeColumns(outcome: Outcome | undefined): Pick<RecordColumns, OutcomeColumn> {
  return {
    outcome: outcome?.kind ?? OPEN,
    status: outcome?.status ?? null,
    input_tokens: outcome?.usage?.inputTokens ?? null,
    cached_tokens: outcome?.usage?.cachedTokens ?? null,
    output_tokens: outcome?.usage?.outputTokens ?? null,
    cost_micro_usd: outcome?.costMicroUsd ?? null,
    headers_ms: outcome?.headersMs ?? null,
    total_ms: outcome?.totalMs ?? null,
  };
}

/** The compiler holds this list to the columns: each is a key, and none may be left out. */
const COLUMNS: Readonly<Record<keyof RecordColumns, true>> = {
  id: true,
  time_ms: true,
  digest: true,
  commit_id: true,
  team: true,
  key_name: true,
  route: true,
  model: true,
  offer: true,
  endpoint: true,
  outcome: true,
  status: true,
  refusal_code: true,
  input_tokens: true,
  cached_tokens: true,
  output_tokens: true,
  cost_micro_usd: true,
  headers_ms: true,
  total_ms: true,
};
const NAMES = Object.keys(COLUMNS) as readonly (keyof RecordColumns)[];
/** Writes a record, over an earlier one of the same id. Takes what `insertValues` gives. */
export const INSERT_RECORD = `INSERT INTO records (${[...NAMES, 'json'].join(', ')})
  VALUES (${[...NAMES, 'json'].map(() => '?').join(', ')})
  ON CONFLICT (id) DO UPDATE SET ${[...NAMES, 'json'].map((name) => `${name} = excluded.${name}`).join(', ')}`;

/** By place and not by name: binding twenty names costs as much as writing the row. */
export function insertValues(record: DecisionRecord): (string | number | null)[] {
  const columns = recordColumns(record);
  const values: (string | number | null)[] = NAMES.map((name) => columns[name]);
  values.push(JSON.stringify(record));
  return values;
}
