import type { Origin } from './origin.ts';

/** What can never happen, or always does, whatever fails, however busy the engines are and whatever a policy forbids. */
export interface Proof {
  /** The Test document and the rule's own name: `chat/eu teams stay in the eu`. */
  readonly name: string;
  readonly origin: Origin;
  readonly callers: ProofCallers;
  readonly rule: ProofRule;
}

export type ProofRule =
  /** These requests never reach such an offer. */
  | { readonly kind: 'never'; readonly offer: OfferCondition }
  /** Their list of tries always holds all of these; one at least. */
  | { readonly kind: 'always'; readonly wanted: readonly WantedTry[] };

/** Some try, the first or the last one, at such an offer. */
export interface WantedTry {
  readonly place: 'any' | 'first' | 'last';
  readonly offer: OfferCondition;
}

/** Whose requests; absent members mean any. Labels are those of known teams: `anonymous` has none. */
export interface ProofCallers {
  readonly team?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** By the model's own name. */
  readonly model?: string;
  /** Headers (names in lower case) that they carry, or do not carry with this value. */
  readonly headers?: Readonly<Record<string, WordCondition>>;
}

/** Every member must hold. */
export interface OfferCondition {
  /** Its own name, and that of its model. */
  readonly name?: WordCondition;
  readonly model?: WordCondition;
  readonly region?: WordCondition;
  readonly retention?: WordCondition;
  readonly provider?: WordCondition;
  readonly pool?: WordCondition;
}

/** An offer that does not have the word at all (no region, a pool's offer asked for its provider) is `not` it. */
export type WordCondition = { readonly is: string } | { readonly not: string };
