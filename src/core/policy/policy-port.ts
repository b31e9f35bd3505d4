/**
 * Why an evaluation gave no answer: `input` (too long), `fuel` (too many steps), `memory` (no more to allocate),
 * `abort` (OPA stopped itself, for instance on conflicting values) or `trap` (anything else).
 */
export type PolicyFailure = 'input' | 'fuel' | 'memory' | 'abort' | 'trap';

export type PolicyOutcome =
  | {
      readonly kind: 'result';
      /** What the entry point gave, deeply frozen; undefined when it is undefined. */
      readonly value: unknown;
      readonly fuelUsed: number;
      /** Builtins that could not answer: their expressions were undefined, and rules that hang on them said nothing. */
      readonly builtinErrors: readonly string[];
    }
  | { readonly kind: 'failed'; readonly reason: PolicyFailure; readonly message: string };

/** Evaluates the policies of a revision: the same input and time give the same outcome. */
export type EvaluatePolicy = (inputJson: string, nowMs: number) => PolicyOutcome;
