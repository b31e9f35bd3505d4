import type { Principal } from '../decide/identify.ts';
import type { LoadedRevision } from '../decide/loaded-revision.ts';
import type { OfferCondition, Proof } from '../ir/proof.ts';
import type { PolicyIndex } from '../policy/policy-index.ts';
import type { RouteRow } from '../tables/tables.ts';
import { badPlaces, type OfferPlace } from './bad-offers.ts';
import { askedRoutes, foundOnce, type Headers, mayForbid, wins } from './proof-requests.ts';
import { type Reach, reach } from './reach.ts';

/** A request that may come to an offer which the rule forbids. */
export interface ReachWitness {
  readonly about: 'never';
  readonly team: string;
  /** By its own name. */
  readonly model: string;
  readonly headers: Headers;
  readonly route: RouteRow;
  readonly place: OfferPlace;
  /** What must be so; absent where it is not known. */
  readonly reached?: Extract<Reach, { kind: 'reached' }>;
}

type NeverOutcome =
  | { readonly kind: 'proved' }
  | { readonly kind: 'refuted' | 'unknown'; readonly witness: ReachWitness };

/**
 * Proves that no request of the rule reaches such an offer, or finds one that does: every route that such a request can
 * get, and every forbidden offer in it are tried in all circumstances (see circumstances.ts). Policies may forbid
 * whatever they like, where an enforcing one with `route` rules judges these requests, and never add an offer.
 */
export function proveNever(
  loaded: LoadedRevision,
  index: PolicyIndex,
  proof: Proof,
  never: OfferCondition,
): NeverOutcome {
  let unknown: ReachWitness | undefined;
  for (const { caller, model, headers, route, reaches } of endangered(loaded, proof, never)) {
    for (const [place, reachIf] of reaches) {
      const found = reachIf(mayForbid(loaded, index, route, caller));
      const witness = { about: 'never', team: caller.team, model, headers, route, place } as const;
      if (found.kind === 'reached') return { kind: 'refuted', witness: { ...witness, reached: found } };
      if (found.kind === 'unknown') unknown ??= witness;
    }
  }
  return unknown === undefined ? { kind: 'proved' } : { kind: 'unknown', witness: unknown };
}

/** Whether an offer is reached, by whether a policy can forbid the others. */
type ReachIf = (canForbid: boolean) => Reach;

interface Endangered {
  readonly caller: Principal;
  readonly model: string;
  readonly headers: Headers;
  readonly route: RouteRow;
  /** Where the route holds offers that the rule forbids and that some request of it may reach. */
  readonly reaches: readonly (readonly [OfferPlace, ReachIf])[];
}

/** The requests of the rule, by caller and model, whose route may lead to an offer that it forbids. */
function* endangered(loaded: LoadedRevision, proof: Proof, never: OfferCondition): Generator<Endangered> {
  const { revision } = loaded;
  for (const { route, model, callers, headers } of askedRoutes(loaded, proof)) {
    const all = badPlaces(route, model, revision, never).map((place) => {
      const reachIf = foundOnce((canForbid) => reach(revision, route, model, place, canForbid));
      return [place, reachIf] as const;
    });
    // What no policy can lead to needs no look at who asks: most routes end here.
    const reaches = all.filter(([, reachIf]) => reachIf(true).kind !== 'never');
    const won = reaches.length === 0 ? [] : callers.filter((caller) => wins(loaded, route, caller, model, headers));
    for (const caller of won) yield { caller, model, headers, route, reaches };
  }
}
