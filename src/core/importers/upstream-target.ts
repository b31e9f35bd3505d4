import { type Draft, freeLabel, type ModelDraft, type OfferDraft, providerOf, secretOf } from './draft.ts';
import { KNOWN_ACCOUNTS, knownAt } from './known-accounts.ts';
import { leaveOut, type Place, type Source, toCheck } from './source-place.ts';
import type { UpstreamUrl } from './upstream-url.ts';

/** Where an offer is served. */
export type Target =
  | { readonly kind: 'provider'; readonly provider: string }
  /** An own engine; which pool it belongs to is known with its model. */
  | { readonly kind: 'engine'; readonly address: string };

/** The key that the source gives to an upstream. */
export type UpstreamKey =
  | { readonly kind: 'none' }
  | { readonly kind: 'variable'; readonly name: string; readonly place: Place }
  /** The value itself: it is never carried over. */
  | { readonly kind: 'clear'; readonly place: Place };

/** The variable that stands for keys which the source held in clear. */
const VARIABLE_FOR_CLEAR_KEYS = 'IMPORTED_KEY';

/** A public account by the word that the source has for it; undefined where headgate knows none of that word. */
export function knownTarget(source: Source, draft: Draft, word: string, key: UpstreamKey): Target | undefined {
  const account = KNOWN_ACCOUNTS[word];
  if (account === undefined) return undefined;
  const { env, host, ...place } = account;
  const secret = secretOf(draft, variableOf(source, key) ?? env, host);
  return { kind: 'provider', provider: providerOf(draft, word, { ...place, secret }) };
}

/** An upstream at an address that the source spells out. */
export function addressedTarget(source: Source, draft: Draft, url: UpstreamUrl, key: UpstreamKey): Target {
  const known = url.secure ? knownAt(url.host) : undefined;
  const account =
    known === undefined ? ({ type: 'openai-compatible', endpoint: url.url } as const) : { type: known.type };
  if (!url.secure && key.kind !== 'none') {
    leaveOut(source, key.place, 'a key never travels over plain http: use https, or no key');
  }
  const variable = url.secure ? (variableOf(source, key) ?? known?.env) : undefined;
  const secret = variable === undefined ? {} : { secret: secretOf(draft, variable, url.host) };
  return { kind: 'provider', provider: providerOf(draft, known?.type ?? url.host, { ...account, ...secret }) };
}

function variableOf(source: Source, key: UpstreamKey): string | undefined {
  switch (key.kind) {
    case 'none':
      return undefined;
    case 'variable':
      return key.name;
    case 'clear': {
      const why = `a key stands here in clear: revoke it, and put the new one into the variable ${VARIABLE_FOR_CLEAR_KEYS}`;
      toCheck(source, key.place, why);
      return VARIABLE_FOR_CLEAR_KEYS;
    }
  }
}

/** Adds an offer at the target. Engines with the same model form one pool, and are one offer. Gives the offer's name. */
export function offerAt(
  draft: Draft,
  model: ModelDraft,
  target: Target,
  facts: Omit<OfferDraft, 'name' | 'provider' | 'pool'>,
): string {
  if (target.kind === 'provider') return addOffer(model, target.provider, { provider: target.provider, ...facts });
  const pools = [...draft.pools.values()];
  const replica = model.offers.find((offer) => offer.pool !== undefined && offer.upstreamModel === facts.upstreamModel);
  const pool =
    pools.find(({ addresses }) => addresses.includes(target.address)) ?? draft.pools.get(replica?.pool ?? '');
  if (pool !== undefined && !pool.addresses.includes(target.address)) pool.addresses.push(target.address);
  if (replica !== undefined && replica.pool === pool?.name) return replica.name;
  return addOffer(model, 'own', { pool: pool?.name ?? newPool(draft, model.name, target.address), ...facts });
}

function newPool(draft: Draft, wanted: string, address: string): string {
  const name = freeLabel(wanted, (label) => draft.pools.has(label));
  draft.pools.set(name, { name, addresses: [address] });
  return name;
}

function addOffer(model: ModelDraft, wanted: string, offer: Omit<OfferDraft, 'name'>): string {
  const name = freeLabel(wanted, (label) => model.offers.some((other) => other.name === label));
  model.offers.push({ name, ...offer });
  return name;
}
