import type { Origin } from './origin.ts';

/** What can never happen, whatever fails, however busy the engines are and whatever a policy forbids. */
export interface Proof {
  /** The Test document and the rule's own name: `chat/eu teams stay in the eu`. */
  readonly name: string;
  readonly origin: Origin;
  readonly callers: ProofCallers;
  /** The offers that these requests may not reach. */
  readonly never: OfferCondition;
}

/** Whose requests; absent members mean any. Labels are those of known teams: `anonymous` has none. */
export interface ProofCallers {
  readonly team?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** By the model's own name. */
  readonly model?: string;
}

/** Every member must hold. */
export interface OfferCondition {
  readonly region?: WordCondition;
  readonly retention?: WordCondition;
  readonly provider?: WordCondition;
  readonly pool?: WordCondition;
}

/** An offer that does not have the word at all (no region, a pool's offer asked for its provider) is `not` it. */
export type WordCondition = { readonly is: string } | { readonly not: string };
