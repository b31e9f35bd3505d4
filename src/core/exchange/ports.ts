import type { LoadedRevision } from '../decide/loaded-revision.ts';
import type { Ledger } from '../load/ledger.ts';

/** What an exchange needs of the world, as arguments: the same answers give the same exchange. */
export interface ExchangePorts {
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Milliseconds of a clock that is never set: for durations and for the ledger. */
  readonly monotonicMs: () => number;
  /** A new decision id, unguessable: whoever holds one may ask for its record. */
  readonly newId: () => string;
  /** The digest of an API key's text. */
  readonly hashKey: (key: string) => string;
  /** The revision of this digest, or undefined when this decider does not hold it (yet). */
  readonly revision: (digest: string) => LoadedRevision | undefined;
  readonly ledger: Ledger;
}
