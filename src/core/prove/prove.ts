import type { LoadedRevision } from '../decide/loaded-revision.ts';
import type { Proof } from '../ir/proof.ts';
import type { PolicyIndex } from '../policy/policy-index.ts';
import { callersOf } from './proof-requests.ts';
import { proveAlways, type ShortWitness } from './prove-always.ts';
import { proveNever, type ReachWitness } from './prove-never.ts';

export type ProofOutcome =
  | { readonly kind: 'proved' }
  /** No team, or no request that a route serves, is of this kind: the rule says nothing. */
  | { readonly kind: 'vacuous'; readonly missing: 'team' | 'request' }
  /** `unknown`: neither proved nor refuted; the witness is the first that could not be judged. */
  | { readonly kind: 'refuted' | 'unknown'; readonly witness: Witness };

/** A request that breaks a rule. */
export type Witness = ReachWitness | ShortWitness;

/** Proves a rule over every caller and model that it is about, or finds a request that breaks it. */
export function prove(loaded: LoadedRevision, index: PolicyIndex, proof: Proof): ProofOutcome {
  if (callersOf(loaded, proof).length === 0) return { kind: 'vacuous', missing: 'team' };
  const { rule } = proof;
  switch (rule.kind) {
    case 'never':
      return proveNever(loaded, index, proof, rule.offer);
    case 'always':
      return proveAlways(loaded, index, proof, rule.wanted);
  }
}
