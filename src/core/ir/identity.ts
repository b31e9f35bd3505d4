import type { Origin } from './origin.ts';

/** The reserved name of a caller who shows no key. */
export const ANONYMOUS = 'anonymous';

export interface Team {
  readonly name: string;
  readonly origin: Origin;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the models that the team may use, or every one. */
  readonly models: readonly string[] | '*';
}

/** An API key, known by its hash alone. */
export interface Key {
  readonly name: string;
  readonly origin: Origin;
  readonly team: string;
  /** `sha256:` and 64 hexadecimal digits: the digest of the key's text. */
  readonly hash: `sha256:${string}`;
  /** The first moment at which the key is dead, in milliseconds since 1970 (UTC); absent for no end. */
  readonly expiresAtMs?: number;
}
