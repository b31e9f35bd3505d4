import type { EngineStatus } from '../control/server-status.ts';
import type { TlsStatus } from '../settings/tls-source.ts';

/** GET /status of a decider of its own. */
export interface DeciderStatus {
  readonly version: string;
  readonly decider: string;
  /** Where proxies are told to reach it; empty where none is. */
  readonly address: string;
  readonly controlPlane: {
    readonly address: string;
    readonly connected: boolean;
    /** Why the last connection ended or could not be made. Absent while there is one. */
    readonly failure?: string;
  };
  /** What serves, as the control plane said last. */
  readonly live?: string;
  readonly candidate?: string;
  /** The revisions by which it can decide. */
  readonly held: readonly string[];
  readonly ready: boolean;
  readonly leaving: boolean;
  readonly openExchanges: number;
  readonly engines: readonly EngineStatus[];
  readonly records: { readonly written: number; readonly dropped: number };
  /** Why bundles cannot be written. Absent when they can. */
  readonly storeFailure?: string;
  readonly tls?: TlsStatus;
}
