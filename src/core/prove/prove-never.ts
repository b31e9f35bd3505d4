import type { Principal } from '../decide/identify.ts';
import type { LoadedRevision } from '../decide/loaded-revision.ts';
import { servesCaller } from '../decide/match.ts';
import type { OfferCondition, Proof } from '../ir/proof.ts';
import type { PolicyIndex } from '../policy/policy-index.ts';
import type { RouteRow } from '../tables/tables.ts';
import { badPlaces, type OfferPlace } from './bad-offers.ts';
import { callersOf, type Headers, headersFor, mayForbid, modelsOf, wins } from './proof-requests.ts';
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

/** Whether an offer is reached, by whether a policy can forbid the others; each is looked for once. */
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
  const callers = callersOf(loaded, proof);
  for (const route of loaded.revision.routes) {
    const headers = headersFor(proof, route);
    const served = headers === undefined ? [] : callers.filter((caller) => servesCaller(route.match, caller));
    if (headers === undefined || served.length === 0) continue;
    for (const model of modelsOf(loaded, proof, route)) {
      const places = badPlaces(route, model, loaded.revision, never);
      const all = places.map((place) => [place, reachIfOf(loaded, route, model, place)] as const);
      // What no policy can lead to needs no look at who asks: most routes end here.
      const reaches = all.filter(([, reachIf]) => reachIf(true).kind !== 'never');
      const won = reaches.length === 0 ? [] : served.filter((caller) => wins(loaded, route, caller, model, headers));
      for (const caller of won) yield { caller, model, headers, route, reaches };
    }
  }
}

function reachIfOf({ revision }: LoadedRevision, route: RouteRow, model: string, place: OfferPlace): ReachIf {
  const known = new Map<boolean, Reach>();
  return (canForbid) => {
    const found = known.get(canForbid) ?? reach(revision, route, model, place, canForbid);
    known.set(canForbid, found);
    return found;
  };
}
