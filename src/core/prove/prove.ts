import type { Principal } from '../decide/identify.ts';
import { guardrailsFor, type LoadedRevision } from '../decide/loaded-revision.ts';
import { matchRoute, servesCaller, servesModel } from '../decide/match.ts';
import { ANONYMOUS } from '../ir/identity.ts';
import type { Proof } from '../ir/proof.ts';
import type { PolicyIndex } from '../policy/policy-index.ts';
import type { RouteRow } from '../tables/tables.ts';
import { badPlaces, type OfferPlace } from './bad-offers.ts';
import { type Reach, reach } from './reach.ts';

export type ProofOutcome =
  | { readonly kind: 'proved' }
  /** No request is of this kind: the rule says nothing. */
  | { readonly kind: 'vacuous' }
  /** `unknown`: neither proved nor refuted; the place is the first that could not be judged. */
  | { readonly kind: 'refuted' | 'unknown'; readonly witness: Witness };

/** A request that may come to an offer which the rule forbids. */
export interface Witness {
  readonly team: string;
  /** By its own name. */
  readonly model: string;
  readonly route: RouteRow;
  readonly place: OfferPlace;
  /** What must be so; absent where it is not known. */
  readonly reached?: Extract<Reach, { kind: 'reached' }>;
}

/**
 * Proves a rule, or finds a request that breaks it: every caller and model that it is about, every route that such a
 * request can get, and every forbidden offer in it are tried in all circumstances (see circumstances.ts). Policies may
 * forbid whatever they like, where an enforcing one with `route` rules judges these requests, and never add an offer.
 */
export function prove(loaded: LoadedRevision, index: PolicyIndex, proof: Proof): ProofOutcome {
  const callers = callersOf(loaded, proof);
  if (callers.length === 0) return { kind: 'vacuous' };
  let unknown: Witness | undefined;
  for (const { caller, model, route, reaches } of endangered(loaded, proof, callers)) {
    for (const [place, reachIf] of reaches) {
      const found = reachIf(mayForbid(loaded, index, route, caller));
      const witness = { team: caller.team, model, route, place };
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
  readonly route: RouteRow;
  /** Where the route holds offers that the rule forbids and that some request of it may reach. */
  readonly reaches: readonly (readonly [OfferPlace, ReachIf])[];
}

/** The requests of the rule, by caller and model, whose route may lead to an offer that it forbids. */
function* endangered(loaded: LoadedRevision, proof: Proof, callers: readonly Principal[]): Generator<Endangered> {
  for (const route of loaded.revision.routes) {
    const served = callers.filter((caller) => servesCaller(route.match, caller));
    for (const model of served.length === 0 ? [] : modelsOf(loaded, proof, route)) {
      const places = badPlaces(route, model, loaded.revision, proof.never);
      const all = places.map((place) => [place, reachIfOf(loaded, route, model, place)] as const);
      // What no policy can lead to needs no look at who asks: most routes end here.
      const reaches = all.filter(([, reachIf]) => reachIf(true).kind !== 'never');
      const won = reaches.length === 0 ? [] : served.filter((caller) => wins(loaded, route, caller, model));
      for (const caller of won) yield { caller, model, route, reaches };
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

function callersOf({ revision }: LoadedRevision, { callers: { team, labels = {} } }: Proof): Principal[] {
  const known = [...revision.teams].map(([name, row]): Principal => ({ team: name, ...row }));
  const all = [{ team: ANONYMOUS, labels: {}, models: '*' } as const, ...known];
  return all.filter(
    (caller) =>
      (team === undefined || caller.team === team) &&
      Object.entries(labels).every(([name, value]) => caller.labels[name] === value),
  );
}

function modelsOf({ revision }: LoadedRevision, { callers }: Proof, route: RouteRow): string[] {
  const asked = callers.model === undefined ? [...revision.models.keys()] : [callers.model];
  return asked.filter((model) => servesModel(route.match, model));
}

/** Whether a request with just the headers that the route wants is the route's: with more of them, fewer are. */
function wins({ revision }: LoadedRevision, route: RouteRow, caller: Principal, model: string): boolean {
  const matched = matchRoute(revision, caller, model, (name) => route.match.headers[name]);
  return matched.ok && matched.value.route === route;
}

function mayForbid(loaded: LoadedRevision, index: PolicyIndex, route: RouteRow, caller: Principal): boolean {
  return guardrailsFor(loaded, 'request', route.name, caller.team).some(
    ({ row }) => row.mode === 'enforce' && (index.guardrails[row.name]?.rules.includes('route') ?? false),
  );
}
