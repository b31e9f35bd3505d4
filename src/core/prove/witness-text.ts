import type { OfferCondition } from '../ir/proof.ts';
import type { OfferRow } from '../tables/tables.ts';
import type { Witness } from './prove.ts';

/** The request that breaks a rule, in words: who asks for what, what it reaches, and what must happen for it. */
export function witnessText({ team, model, route, reached }: Witness, offer: OfferRow, never: OfferCondition): string {
  const words = [`a request of team "${team}" for "${model}"`];
  const headers = Object.entries(route.match.headers).map(([name, value]) => `${name}: ${value}`);
  if (headers.length > 0) words.push(`with ${headers.join(' and ')}`);
  if (reached !== undefined && reached.circumstance.needs.length > 0) {
    words.push(`that needs ${reached.circumstance.needs.join(' and ')}`);
  }
  words.push(`reaches ${offer.model}/${offer.name} (${traitsOf(offer, never)})`);
  return [words.join(' '), ...(reached === undefined ? [] : conditionsOf(reached, offer))].join(', ');
}

function conditionsOf({ circumstance, before }: NonNullable<Witness['reached']>, offer: OfferRow): string[] {
  const { promptTokens, outputTokensMax, poolsUp, waitMs, othersForbidden } = circumstance;
  return [
    ...(outputTokensMax === undefined
      ? []
      : [`with a prompt of ${promptTokens} tokens and ${outputTokensMax} for the answer`]),
    ...(before.length === 0 ? [] : [`when ${listOf(before)} ${before.length === 1 ? 'fails' : 'fail'}`]),
    ...(poolsUp === 'all'
      ? []
      : [poolsUp.length === 0 ? 'while no other pool is up' : `while only ${poolsUp[0]} is up`]),
    ...(waitMs === 0 ? [] : [`while the wait at pool ${offer.pool} is ${waitMs} ms`]),
    ...(othersForbidden ? ['when a policy forbids every other offer'] : []),
  ];
}

/** What the offer has of all that the rule asks about. */
function traitsOf(offer: OfferRow, never: OfferCondition): string {
  const asked = (['region', 'retention', 'provider', 'pool'] as const).filter((name) => never[name] !== undefined);
  return asked.map((name) => (offer[name] === undefined ? `no ${name}` : `${name} ${offer[name]}`)).join(', ');
}

function listOf(names: readonly string[]): string {
  return names.length === 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
