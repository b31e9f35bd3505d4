import type { Diagnostic } from '../../core/diagnostics/diagnostic.ts';
import type { TreeContext } from '../../core/language/catalog.ts';
import type { LimitCheck } from '../../core/plan/change-limits.ts';
import type { CounterKey, RevisionCounters } from '../../core/rollout/revision-counters.ts';
import type { LiveMark } from '../../core/rollout/revision-ledger.ts';
import type { RolloutNode } from '../../core/rollout/rollout-view.ts';
import type { FrozenRevision } from '../../io/store/frozen.ts';
import type { KeptProgress } from '../../io/store/rollout-progress.ts';
import type { Bundle } from '../revision/bundle.ts';
import type { PolicyCompiler } from '../revision/policy-compiler.ts';
import type { ControlEvent } from './control-event.ts';
import type { Publisher } from './publisher.ts';

/** What the control plane does with the world. */
export interface ControlPorts {
  readonly compilePolicies: PolicyCompiler;
  readonly context: TreeContext;
  readonly publisher: Publisher;
  /** What a revision would change of the one that serves, and why it may not. */
  readonly judgeChange: (change: Change) => Promise<JudgedChange>;
  /** Makes the deciders hold a revision, before any proxy can name it. */
  readonly hold: (bundle: Bundle) => Promise<void>;
  /** Keeps a revision as the one to start from. */
  readonly keep: (bundle: Bundle, live: LiveMark) => Promise<void>;
  /** Keeps what is frozen, in place of what was kept before. */
  readonly keepFrozen: (frozen: readonly FrozenRevision[]) => Promise<void>;
  /** Keeps how far the rollout is, in place of what was kept before. */
  readonly keepProgress: (progress: KeptProgress) => Promise<void>;
  /** The connected proxies that are served. */
  readonly proxies: () => readonly RolloutNode[];
  /** Whether proxies that went away, at a restart of ours too, may still come back. */
  readonly isExpecting: () => boolean;
  /** Resolves when they had the time to. */
  readonly proxiesReturned: () => Promise<void>;
  /** What became of the requests of a revision in a fleet, as totals. */
  readonly counters: (key: CounterKey) => RevisionCounters;
  readonly monotonicMs: () => number;
  /** Hears why something could not be done for which nobody waits. */
  readonly onFailure: (cause: unknown) => void;
  /** Hears what happened, in order. */
  readonly onEvent: (event: ControlEvent) => void;
}

/** What a commit would make of the revision that serves. */
export interface Change {
  readonly live: Bundle;
  readonly candidate: Bundle;
  /** Who signed the commit, verified. */
  readonly signer: string | undefined;
}

export interface JudgedChange {
  /** Why it may not follow; empty where it may. */
  readonly findings: readonly Diagnostic[];
  /** What the change comes to beside each limit that is set. */
  readonly checks: readonly LimitCheck[];
}

/** What came of one commit. */
export interface HandledRevision {
  readonly diagnostics: string;
  readonly compileMs: number;
  readonly acknowledgeMs: number;
}
