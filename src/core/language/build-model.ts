import { present } from '../base/assert.ts';
import type { Model, Offer, OfferTarget } from '../ir/model.ts';
import { originOf } from './build-origin.ts';
import type { DocumentOf } from './document.ts';
import { sortedNames } from './route-match-of.ts';

export function buildModel(document: DocumentOf<'Model'>): Model {
  const { aliases, context, maxOutput, capabilities, offers } = document.spec;
  return {
    name: document.name,
    origin: originOf(document),
    aliases: sortedNames(aliases),
    ...(document.spec.class === undefined ? {} : { class: document.spec.class }),
    contextTokens: context,
    ...(maxOutput === undefined ? {} : { maxOutputTokens: maxOutput }),
    capabilities: sortedNames(capabilities),
    offers: offers.map((_, index) => buildOffer(document, index)),
  };
}

function buildOffer(document: DocumentOf<'Model'>, index: number): Offer {
  const { name, pool, provider, upstreamModel, price } = present(document.spec.offers[index], 'offer');
  const target: OfferTarget =
    pool === undefined ? { kind: 'provider', provider: present(provider, 'provider') } : { kind: 'pool', pool };
  return {
    name,
    origin: originOf(document, ['spec', 'offers', index, 'name']),
    target,
    upstreamModel,
    price: { inputUsd: price.input, cachedInputUsd: price.cachedInput ?? price.input, outputUsd: price.output },
  };
}
