import type { OfferCondition, Proof, WordCondition } from '../ir/proof.ts';
import { originOf } from './build-origin.ts';
import { type Catalog, modelNamed } from './catalog.ts';
import type { DocumentOf } from './document.ts';

type Written = NonNullable<DocumentOf<'Test'>['spec']['prove']>[number];
type WrittenWord = string | { readonly not: string } | undefined;

export function buildProofs(document: DocumentOf<'Test'>, catalog: Catalog): Proof[] {
  return (document.spec.prove ?? []).map((item, index) => ({
    name: `${document.name}/${item.name}`,
    origin: originOf(document, ['spec', 'prove', index, 'name']),
    callers: callersOf(item, catalog),
    never: conditionOf(item.never.offer),
  }));
}

function callersOf({ for: { team, model } }: Written, catalog: Catalog): Proof['callers'] {
  return {
    ...(team?.name === undefined ? {} : { team: team.name }),
    ...(team?.labels === undefined ? {} : { labels: team.labels }),
    ...(model === undefined ? {} : { model: modelNamed(catalog, model) }),
  };
}

function conditionOf({ region, retention, provider, pool }: Written['never']['offer']): OfferCondition {
  return {
    ...wordOf('region', region),
    ...wordOf('retention', retention),
    ...wordOf('provider', provider),
    ...wordOf('pool', pool),
  };
}

function wordOf(name: string, word: WrittenWord): Record<string, WordCondition> {
  if (word === undefined) return {};
  return { [name]: typeof word === 'string' ? { is: word } : { not: word.not } };
}
