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

/** What a request shows of its caller: nothing, the digest of a bearer key, or something that is no key. */
export type Credential =
  | { readonly kind: 'none' }
  | { readonly kind: 'key'; readonly hash: string }
  | { readonly kind: 'unreadable' };

const NOBODY: Principal = { team: ANONYMOUS, labels: {}, models: '*' };

/**
 * The principal behind a credential. A request without one is anonymous, and only a route that says so serves it; what
 * is no key is still not nothing, and must not pass as anonymous.
 */
export function identify(revision: Revision, credential: Credential, nowMs: number): Result<Principal, Refusal> {
  if (credential.kind === 'none') return ok(NOBODY);
  if (credential.kind === 'unreadable') {
    return failed(refuse('invalid-key', 'No API key can be read. Send one header "Authorization: Bearer KEY".'));
  }
  const key = revision.keys.get(credential.hash);
  if (key === undefined) return failed(refuse('invalid-key', 'This API key is not known here.'));
  if (key.expiresAtMs !== undefined && nowMs >= key.expiresAtMs) {
    return failed(refuse('expired-key', `The API key "${key.name}" has expired.`));
  }
  const team = revision.teams.get(key.team);
  if (team === undefined) return failed(refuse('invalid-key', 'This API key belongs to no team.'));
  return ok({ team: key.team, key: key.name, labels: team.labels, models: team.models });
}
