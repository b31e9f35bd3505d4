import { hash32 } from '../base/rng.ts';
import type { Principal } from '../decide/identify.ts';
import type { DecisionRecord, RecordedHeaders } from '../decide/record.ts';
import type { Revision } from '../decide/revision.ts';
import type { RequestTraits } from '../decide/traits.ts';
import { ANONYMOUS } from '../ir/identity.ts';
import type { Candidate } from '../schedule/candidate.ts';

/** What a record leaves of a request that was decided: all that `traitsOf` knew. */
export type DecidedRequest = Pick<DecisionRecord, 'id' | 'timeMs' | 'seed' | 'candidates'> & {
  readonly request: DecisionRecord['request'] & { readonly model: string };
};

/** Every request that is decided is this one. */
const METHOD = 'POST';

/** Whether a request came as far as a decision: one that was refused by its headers or its body's form did not. */
export function wasDecided(record: DecisionRecord): record is DecisionRecord & DecidedRequest {
  return record.request.model !== undefined && record.principal !== undefined;
}

/** The request again, for a revision: a header's value is known where the record or the revision names it. */
export function recordedTraits({ id, request }: DecidedRequest, revision: Revision): RequestTraits {
  const { path, model, stream = false, promptTokens = 1, outputTokensMax, choices = 1, needs = [], session } = request;
  const headers = request.headers ?? {};
  return {
    id,
    method: METHOD,
    path,
    header: (name) => headerAgain(headers, name, revision),
    headers,
    model,
    stream,
    choices,
    promptTokens,
    ...(outputTokensMax === undefined ? {} : { outputTokensMax }),
    needs,
    bodyBytes: request.bodyBytes,
    ...(session === undefined ? {} : { session }),
  };
}

/** A value that nobody names now is as good as every other such value. */
const UNNAMED_VALUE = '\u0000';

function headerAgain(headers: RecordedHeaders, name: string, revision: Revision): string | undefined {
  const kept = headers[name];
  if (kept === undefined || kept === null) return undefined;
  if (typeof kept === 'string') return kept;
  return [...(revision.matchHeaders.get(name) ?? [])].find((value) => hash32(value) === kept) ?? UNNAMED_VALUE;
}

/** The headers that routes of the revision look at and that the record says nothing of. */
export function headersNotRecorded({ request }: DecidedRequest, revision: Revision): string[] {
  return [...revision.matchHeaders.keys()].filter((name) => !Object.hasOwn(request.headers ?? {}, name));
}

/** The caller by the name in a record, as the revision knows the team; undefined for a team that it does not know. */
export function recordedPrincipal(
  revision: Revision,
  { team, key }: { readonly team: string; readonly key?: string },
): Principal | undefined {
  const named = key === undefined ? {} : { key };
  if (team === ANONYMOUS) return { team, ...named, labels: {}, models: '*' };
  const row = revision.teams.get(team);
  return row === undefined ? undefined : { team, ...named, labels: row.labels, models: row.models };
}

/** The endpoints of a pool that the record looked at, with their terms; undefined where it did not look at the pool. */
export function recordedCandidates(record: Pick<DecisionRecord, 'candidates'>, pool: string): Candidate[] | undefined {
  const looked = record.candidates.find((item) => item.pool === pool);
  if (looked === undefined) return undefined;
  const up = looked.endpoints.map(({ costSeconds: _costSeconds, ...candidate }) => candidate);
  return [...up, ...(looked.down ?? []).map(downCandidate)];
}

/** Of an endpoint that is down nothing else counts. */
function downCandidate(address: string): Candidate {
  return { address, queuedTokens: 0, activeRequests: 0, prefillTokensPerSecond: 1, down: true };
}
