import { failed, ok, type Result } from '../base/result.ts';
import { ANONYMOUS } from '../ir/identity.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { Revision } from './revision.ts';

/** Who is asking. */
export interface Principal {
  readonly team: string;
  /** The key's name; absent for the anonymous caller. */
  readonly key?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly models: readonly string[] | '*';
}

const NOBODY: Principal = { team: ANONYMOUS, labels: {}, models: '*' };

/** The principal behind a key's digest. A request without a key is anonymous; only a route that says so serves it. */
export function identify(revision: Revision, keyHash: string | undefined, nowMs: number): Result<Principal, Refusal> {
  if (keyHash === undefined) return ok(NOBODY);
  const key = revision.keys.get(keyHash);
  if (key === undefined) return failed(refuse('invalid-key', 'This API key is not known here.'));
  if (key.expiresAtMs !== undefined && nowMs >= key.expiresAtMs) {
    return failed(refuse('expired-key', `The API key "${key.name}" has expired.`));
  }
  const team = revision.teams.get(key.team);
  if (team === undefined) return failed(refuse('invalid-key', 'This API key belongs to no team.'));
  return ok({ team: key.team, key: key.name, labels: team.labels, models: team.models });
}
