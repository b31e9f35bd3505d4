import type { Principal } from '../decide/identify.ts';
import type { LoadedRevision } from '../decide/loaded-revision.ts';
import { matchRoute } from '../decide/match.ts';
import type { Proof, WantedTry } from '../ir/proof.ts';
import type { PolicyIndex } from '../policy/policy-index.ts';
import type { RouteRow } from '../tables/tables.ts';
import { askedRoutes, callersOf, foundOnce, type Headers, headersOf, mayForbid, wins } from './proof-requests.ts';
import { findShortfall, type Shortfall, type ShortfallSearch } from './shortfall.ts';

/** A request that does not always get what the rule says. */
export interface ShortWitness {
  readonly about: 'always';
  readonly team: string;
  /** By its own name. */
  readonly model: string;
  readonly headers: Headers;
  /** Absent for a request that is refused before. */
  readonly route?: RouteRow;
  /** What it gets; absent where it is not known. */
  readonly found?: Shortfall | { readonly kind: 'refused'; readonly code: string };
}

type AlwaysOutcome =
  | { readonly kind: 'proved' }
  | { readonly kind: 'vacuous'; readonly missing: 'request' }
  | { readonly kind: 'refuted' | 'unknown'; readonly witness: ShortWitness };

/**
 * Proves that every request of the rule which some offer can serve when all is well has the wanted tries in every state of
 * the pools, or finds one that has not. A rule that names both whose and for what model they are is broken by one that is
 * refused, too; other rules are about the models that a route serves to their callers.
 */
export function proveAlways(
  loaded: LoadedRevision,
  index: PolicyIndex,
  proof: Proof,
  wanted: readonly WantedTry[],
): AlwaysOutcome {
  const refused = firstRefused(loaded, proof);
  if (refused !== undefined) return { kind: 'refuted', witness: refused };
  let unknown: ShortWitness | undefined;
  let served = false;
  for (const { caller, model, headers, route, searchIf } of requestsOf(loaded, proof, wanted)) {
    const found = searchIf(mayForbid(loaded, index, route, caller));
    const witness = { about: 'always', team: caller.team, model, headers, route } as const;
    if (found.kind === 'short') return { kind: 'refuted', witness: { ...witness, found } };
    if (found.kind === 'unknown') unknown ??= witness;
    served ||= found.kind !== 'unserved';
  }
  if (unknown !== undefined) return { kind: 'unknown', witness: unknown };
  return served ? { kind: 'proved' } : { kind: 'vacuous', missing: 'request' };
}

function firstRefused(loaded: LoadedRevision, proof: Proof): ShortWitness | undefined {
  const { model, team, labels } = proof.callers;
  if (model === undefined || (team === undefined && labels === undefined)) return undefined;
  const headers = headersOf(proof);
  for (const caller of callersOf(loaded, proof)) {
    const matched = matchRoute(loaded.revision, caller, model, (name) => headers[name]);
    if (matched.ok) continue;
    return { about: 'always', team: caller.team, model, headers, found: { kind: 'refused', code: matched.error.code } };
  }
  return undefined;
}

interface Searched {
  readonly caller: Principal;
  readonly model: string;
  readonly headers: Headers;
  readonly route: RouteRow;
  /** What is found, by whether a policy can forbid. */
  readonly searchIf: (canForbid: boolean) => ShortfallSearch;
}

function* requestsOf(loaded: LoadedRevision, proof: Proof, wanted: readonly WantedTry[]): Generator<Searched> {
  for (const { route, model, callers, headers } of askedRoutes(loaded, proof)) {
    const searchIf = foundOnce((canForbid) => findShortfall(loaded.revision, route, model, wanted, canForbid));
    const won = callers.filter((caller) => wins(loaded, route, caller, model, headers));
    for (const caller of won) yield { caller, model, headers, route, searchIf };
  }
}
