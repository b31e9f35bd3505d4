import type { GateFigure, Judgement } from './gates.ts';
import type { RevisionCounters } from './revision-counters.ts';
import type { WaveNode, WaveNodes } from './waves.ts';

/** A connected proxy that is served. */
export interface RolloutNode extends WaveNode {
  readonly fleet: string;
  readonly connectedForMs: number;
  /** The last revision of which it acknowledged everything. */
  readonly fullyAcknowledged: string | undefined;
}

/** The world at one moment. */
export interface RolloutView {
  readonly nowMs: number;
  readonly nodes: readonly RolloutNode[];
  /** Whether proxies that were here before may still come back. */
  readonly isExpecting: boolean;
  /** Whether somebody wants no wave to follow another: what is out is watched on, and may be stopped. */
  readonly isPaused: boolean;
  /** What became of the requests of a fleet since the rollout began. */
  readonly compared: (fleet: string) => ComparedCounters;
}

/** Requests under the revision that is on its way, and under the one before it. */
export interface ComparedCounters {
  readonly candidate: RevisionCounters;
  readonly previous: RevisionCounters;
}

/** The world as one fleet sees it: its own proxies and requests alone. */
export interface FleetView extends Omit<RolloutView, 'compared'>, ComparedCounters {}

/** Why a revision is stopped. Waves count from 0. */
export type Breach = { readonly fleet: string; readonly wave: number } & (
  | { readonly kind: 'refused'; readonly nodes: readonly string[] }
  | { readonly kind: 'unacknowledged'; readonly nodes: readonly string[] }
  | { readonly kind: 'gate'; readonly figures: readonly GateFigure[] }
);

export type RolloutAction =
  /** These proxies of the fleet shall have the revision from now on. */
  | { readonly kind: 'offer'; readonly fleet: string; readonly nodes: WaveNodes }
  | { readonly kind: 'wave-started'; readonly fleet: string; readonly wave: number }
  /** Where the judgement is not measured, too few requests came for the gates to say anything. */
  | { readonly kind: 'wave-passed'; readonly fleet: string; readonly wave: number; readonly judgement: Judgement }
  /** Every fleet has it. `taken` is false where no proxy is connected, and none is expected. */
  | { readonly kind: 'complete'; readonly taken: boolean }
  | { readonly kind: 'breached'; readonly breach: Breach };
