import type { DecisionRecord } from '../../core/decide/record.ts';
import type { Origin } from '../../core/ir/origin.ts';
import type { Rerun } from '../../core/plan/rerun-record.ts';

/** A place that decided, with the commit and the author of its line. */
export interface DecidingPlace {
  /** What stands there: `route chat`, `guardrail secrets`, `rule deny (secret-found)`. */
  readonly what: string;
  readonly origin: Origin;
  readonly lastChange?: { readonly commit: string; readonly author: string };
}

/** A record with the places of the documents and rules that made it so. */
export interface ExplainedRecord {
  readonly record: DecisionRecord;
  readonly places: readonly DecidingPlace[];
  /** What came of deciding again, where that was asked. */
  readonly rerun?: Rerun;
  /** Lines of text for people, in order. */
  readonly lines: readonly string[];
}
