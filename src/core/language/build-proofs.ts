import type { OfferCondition, Proof, ProofRule, WantedTry, WordCondition } from '../ir/proof.ts';
import { originOf } from './build-origin.ts';
import { type Catalog, modelNamed } from './catalog.ts';
import type { DocumentOf } from './document.ts';

type Written = NonNullable<DocumentOf<'Test'>['spec']['prove']>[number];
type WrittenOffer = NonNullable<Written['never']>['offer'];
type WrittenWord = string | { readonly not: string };

export function buildProofs(document: DocumentOf<'Test'>, catalog: Catalog): Proof[] {
  return (document.spec.prove ?? []).map((item, index) => ({
    name: `${document.name}/${item.name}`,
    origin: originOf(document, ['spec', 'prove', index, 'name']),
    callers: callersOf(item, catalog),
    rule: ruleOf(item, catalog),
  }));
}

function callersOf({ for: { team, model, headers } }: Written, catalog: Catalog): Proof['callers'] {
  return {
    ...(team?.name === undefined ? {} : { team: team.name }),
    ...(team?.labels === undefined ? {} : { labels: team.labels }),
    ...(model === undefined ? {} : { model: modelNamed(catalog, model) }),
    ...(headers === undefined
      ? {}
      : { headers: Object.fromEntries(Object.entries(headers).map(([name, word]) => [name, wordOf(word)])) }),
  };
}

function ruleOf({ never, always = {} }: Written, catalog: Catalog): ProofRule {
  if (never !== undefined) return { kind: 'never', offer: conditionOf(never.offer, catalog) };
  const { offer: any, first, last } = always;
  const wanted = Object.entries({ any, first, last }).flatMap(([place, offer]): WantedTry[] =>
    offer === undefined ? [] : [{ place: place as WantedTry['place'], offer: conditionOf(offer, catalog) }],
  );
  return { kind: 'always', wanted };
}

function conditionOf({ model, ...words }: WrittenOffer, catalog: Catalog): OfferCondition {
  const others = Object.entries(words).flatMap(([name, word]) => (word === undefined ? [] : [[name, wordOf(word)]]));
  const own = model === undefined ? undefined : wordOf(model, (name) => modelNamed(catalog, name));
  return { ...(own === undefined ? {} : { model: own }), ...Object.fromEntries(others) };
}

function wordOf(word: WrittenWord, meant: (text: string) => string = (text) => text): WordCondition {
  return typeof word === 'string' ? { is: meant(word) } : { not: meant(word.not) };
}
