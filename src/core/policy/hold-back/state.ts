import type { DetectorName } from '../../ir/guardrail.ts';
import type { Finding, PolicyText } from '../finding.ts';
import type { Redaction } from '../redact.ts';
import type { Channel } from './channel.ts';

/** What is known of an answer when it is judged. */
export interface AnswerSoFar {
  /** Everything found until now, in the order in which it became certain. */
  readonly findings: readonly Finding[];
  /** The whole texts, when the answer was buffered and is complete; none before. */
  readonly texts: readonly PolicyText[];
  /** Code points of the text at a pointer so far; undefined where there is none. */
  readonly pointsAt: (ptr: string) => number | undefined;
}

/** What the guardrails say: `denied` ends the answer; all redactions that stand, sorted and without overlaps. */
export interface AnswerVerdict<Denial> {
  readonly denied?: Denial;
  readonly redact: readonly Redaction[];
}

export interface HoldBackRules<Denial> {
  readonly detectors: readonly DetectorName[];
  /** `hold`: an event leaves as soon as no finding can begin in it. `buffer`: all leave at the end. */
  readonly mode: 'hold' | 'buffer';
  /** Asked at the start, whenever something was found, and, for a buffered answer, at the end. */
  readonly judge: (answer: AnswerSoFar) => AnswerVerdict<Denial>;
}

/** A redaction with its place in the channel, in code units. */
export interface PlacedRedaction extends Redaction {
  readonly from: number;
  readonly to: number;
}

/** A streamed answer on its way through us. Never changed in place. */
export interface HoldBack<Denial> {
  readonly rules: HoldBackRules<Denial>;
  /** Bytes that are no whole event yet. */
  readonly rest: Uint8Array;
  readonly lineStart: number;
  /** Whole events that may not leave yet, in order. */
  readonly held: readonly HeldEvent[];
  readonly channels: ReadonlyMap<string, Channel>;
  /** How much of each channel has left. */
  readonly left: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
  readonly redactions: ReadonlyMap<string, readonly PlacedRedaction[]>;
  readonly eventCount: number;
  readonly isJudged: boolean;
  readonly end: HoldBackEnd<Denial> | undefined;
}

/**
 * How it ended. `whole`: every event has left. `denied`: by a guardrail; no event leaves any more. `unjudged`: the
 * answer outgrew what we hold, or a policy wants to change text that has left; nothing leaves any more either.
 */
export type HoldBackEnd<Denial> =
  | { readonly kind: 'whole' }
  | { readonly kind: 'denied'; readonly denial: Denial }
  | { readonly kind: 'unjudged'; readonly message: string };

/** One event that waits until its texts are certain. */
export interface HeldEvent {
  readonly bytes: Uint8Array;
  /** The piece of a channel that came with it. */
  readonly pieces: readonly HeldPiece[];
}

export interface HeldPiece {
  /** The channel. */
  readonly ptr: string;
  /** Where the piece stands in the event's data; undefined when the channel is the data itself. */
  readonly path: readonly (string | number)[] | undefined;
  /** Code units from the start of the channel. */
  readonly start: number;
  readonly end: number;
}

export function openHoldBack<Denial>(rules: HoldBackRules<Denial>): HoldBack<Denial> {
  return {
    rules,
    rest: new Uint8Array(0),
    lineStart: 0,
    held: [],
    channels: new Map(),
    left: new Map(),
    findings: [],
    redactions: new Map(),
    eventCount: 0,
    isJudged: false,
    end: undefined,
  };
}
