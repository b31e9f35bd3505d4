import { byCodeUnit } from '../base/text-order.ts';
import { decideTraits, type TraitDecision } from '../decide/decide-traits.ts';
import type { GuardVerdict } from '../decide/guard.ts';
import type { Revision } from '../decide/revision.ts';
import { ANONYMOUS } from '../ir/identity.ts';
import { idleCandidate } from './replay-request.ts';
import { recordedPrincipal } from './replayed-request.ts';
import { CLASSES_MAX, PROMPT_TOKENS, type RequestClass, requestClasses } from './request-classes.ts';

/** Requests that are decided otherwise, with one of them as a witness. */
export interface RoutingChange {
  readonly model: string;
  readonly teams: readonly string[];
  readonly witness: RequestClass;
  readonly base: Way;
  readonly head: Way;
}

/** Where a request goes: the offers in the order in which they are tried, or a refusal. */
export type Way =
  | { readonly kind: 'served'; readonly route: string; readonly offers: readonly PlacedOffer[] }
  | { readonly kind: 'refused'; readonly code: string };

export interface PlacedOffer {
  readonly offer: string;
  readonly region?: string;
}

export interface RoutingChanges {
  readonly changes: readonly RoutingChange[];
  readonly classes: number;
  /** Whether there were more classes than are looked at. */
  readonly cut: boolean;
}

/**
 * Asks both revisions about every class of requests in which they may differ, with no load and no rule that fires. Of
 * all classes with the same change of a model the simplest is the witness, and its teams stand together.
 */
export function routingChanges(base: Revision, head: Revision): RoutingChanges {
  const found = new Map<string, { change: RoutingChange; teams: Set<string> }>();
  let classes = 0;
  let cut = false;
  for (const { asked, teams } of requestClasses(base, head)) {
    if (classes === CLASSES_MAX) {
      cut = true;
      break;
    }
    classes += 1;
    const before = wayOf(base, asked);
    const after = wayOf(head, asked);
    const [from, to] = [JSON.stringify(before), JSON.stringify(after)];
    if (from === to || (before.kind === 'refused' && after.kind === 'refused' && !isPlain(asked))) continue;
    const key = `${asked.model} ${from} ${to}`;
    const known = found.get(key);
    if (known === undefined) {
      const change = { model: asked.model, teams: [], witness: asked, base: before, head: after };
      found.set(key, { change, teams: new Set(teams) });
    } else for (const team of teams) known.teams.add(team);
  }
  const changes = [...found.values()].map(({ change, teams }) => ({ ...change, teams: [...teams].sort(byCodeUnit) }));
  return { changes, classes, cut };
}

/** Another reason to refuse is worth a word for ordinary requests alone. */
function isPlain({ headers, needs, promptTokens, down }: RequestClass): boolean {
  return Object.keys(headers).length + needs.length + down.length === 0 && promptTokens === PROMPT_TOKENS;
}

const NO_RULE: GuardVerdict = {
  fired: [],
  edits: [],
  forbid: { offers: [], upstreams: [], regions: [] },
  judged: [],
};

function wayOf(revision: Revision, asked: RequestClass): Way {
  const principal =
    asked.team === ANONYMOUS || revision.teams.has(asked.team)
      ? recordedPrincipal(revision, { team: asked.team })
      : undefined;
  if (principal === undefined) return { kind: 'refused', code: 'no such team' };
  const request = {
    id: 'plan',
    method: 'POST',
    path: '/v1/chat/completions',
    header: (name: string) => asked.headers[name],
    headers: asked.headers,
    model: asked.model,
    stream: asked.needs.includes('streaming'),
    choices: 1,
    promptTokens: asked.promptTokens,
    needs: asked.needs,
    bodyBytes: 0,
  };
  const decided = decideTraits(revision, principal, request, {
    nowMs: 0,
    seed: 0,
    candidatesOf: (pool, addresses) =>
      addresses.map((address) => ({ ...idleCandidate(address), down: asked.down.includes(pool) })),
    judge: () => NO_RULE,
  });
  return wayOfDecision(revision, decided);
}

function wayOfDecision(revision: Revision, decided: TraitDecision): Way {
  if (decided.kind === 'refused') return { kind: 'refused', code: decided.refusal.code };
  const ids = [...new Set(decided.plan.attempts.map(({ offer }) => offer))];
  const offers = ids.map((offer): PlacedOffer => {
    const region = revision.offers.get(offer)?.region;
    return { offer, ...(region === undefined ? {} : { region }) };
  });
  return { kind: 'served', route: decided.route.name, offers };
}
