import { present } from '../base/assert.ts';
import type { Revision } from '../decide/revision.ts';
import type { OfferCondition } from '../ir/proof.ts';
import type { OfferRow } from '../tables/tables.ts';
import { conditionText, traitsText } from './offer-condition.ts';
import type { ShortWitness } from './prove-always.ts';
import type { ReachWitness } from './prove-never.ts';
import type { AskedSize } from './request-sizes.ts';
import type { Shortfall } from './shortfall.ts';

/** The request that breaks a rule, in words: who asks for what, what it reaches, and what must happen for it. */
export function reachText(witness: ReachWitness, offer: OfferRow, never: OfferCondition): string {
  const { reached } = witness;
  const what = `reaches ${offer.model}/${offer.name} (${traitsText(offer, never)})`;
  const start = `${requestText(witness, reached?.circumstance)} ${what}`;
  return [start, ...(reached === undefined ? [] : conditionsOf(reached, offer))].join(', ');
}

/** As above, for one that does not get what it always should: what it gets instead. */
export function shortText(witness: ShortWitness, { offers }: Pick<Revision, 'offers'>): string {
  const { found } = witness;
  if (found === undefined) return `${requestText(witness, undefined)} gets it`;
  if (found.kind === 'refused') return `${requestText(witness, undefined)} is refused: ${found.code}`;
  const row = (id: string | undefined): OfferRow => present(offers.get(id ?? ''), 'a tried offer');
  const start = `${requestText(witness, found.asked)} ${gotText(found, row)}`;
  return [start, ...sizeText(found.asked), ...statesText(found)].join(', ');
}

function gotText({ tried, wanted: { place, offer } }: Shortfall, row: (id: string | undefined) => OfferRow): string {
  if (tried.length === 0) return 'finds nobody to serve it';
  if (place === 'any') return `gets ${listOf(tried)} alone, and wants ${conditionText(offer)}`;
  const id = place === 'first' ? tried[0] : tried.at(-1);
  return `gets ${id} ${place} (${traitsText(row(id), offer)}), and wants ${conditionText(offer)}`;
}

function statesText({ states, isForbidden }: Shortfall): string[] {
  const waits = [...states].filter(([, wait]) => wait > 0).map(([pool, wait]) => `${wait} ms at pool ${pool}`);
  const up =
    states.size === 0
      ? 'while no pool is up'
      : `while of the pools ${listOf([...states.keys()])} ${states.size === 1 ? 'is' : 'are'} up`;
  return [
    up,
    ...(waits.length === 0 ? [] : [`with a wait of ${listOf(waits)}`]),
    ...(isForbidden ? ['when a policy forbids what is wanted'] : []),
  ];
}

type Requester = Pick<ReachWitness, 'team' | 'model' | 'headers'>;

function requestText({ team, model, headers }: Requester, asked: Pick<AskedSize, 'needs'> | undefined): string {
  const carried = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [
    `a request of team "${team}" for "${model}"`,
    ...(carried.length === 0 ? [] : [`with ${carried.join(' and ')}`]),
    ...(asked === undefined || asked.needs.length === 0 ? [] : [`that needs ${asked.needs.join(' and ')}`]),
  ].join(' ');
}

function conditionsOf({ circumstance, before }: NonNullable<ReachWitness['reached']>, offer: OfferRow): string[] {
  const { poolsUp, waitMs, othersForbidden } = circumstance;
  return [
    ...sizeText(circumstance),
    ...(before.length === 0 ? [] : [`when ${listOf(before)} ${before.length === 1 ? 'fails' : 'fail'}`]),
    ...(poolsUp === 'all'
      ? []
      : [poolsUp.length === 0 ? 'while no other pool is up' : `while only ${poolsUp[0]} is up`]),
    ...(waitMs === 0 ? [] : [`while the wait at pool ${offer.pool} is ${waitMs} ms`]),
    ...(othersForbidden ? ['when a policy forbids every other offer'] : []),
  ];
}

function sizeText({ promptTokens, outputTokensMax }: AskedSize): string[] {
  if (outputTokensMax === undefined) return [];
  return [`with a prompt of ${promptTokens} tokens and ${outputTokensMax} for the answer`];
}

function listOf(names: readonly string[]): string {
  return names.length === 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
