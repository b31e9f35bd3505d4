import type { OfferCondition, WordCondition } from '../ir/proof.ts';
import type { OfferRow } from '../tables/tables.ts';

const TRAITS = ['name', 'model', 'region', 'retention', 'provider', 'pool'] as const;

export function offerIs(row: OfferRow, condition: OfferCondition): boolean {
  return TRAITS.every((trait) => wordIs(row[trait], condition[trait]));
}

export function wordIs(word: string | undefined, condition: WordCondition | undefined): boolean {
  if (condition === undefined) return true;
  return 'is' in condition ? word === condition.is : word !== condition.not;
}

/** What the offer has of all that a condition asks about: `region us, no pool`. */
export function traitsText(row: OfferRow, condition: OfferCondition): string {
  const asked = TRAITS.filter((trait) => condition[trait] !== undefined);
  return asked.map((trait) => (row[trait] === undefined ? `no ${trait}` : `${trait} ${row[trait]}`)).join(', ');
}

/** `region eu and not pool spare`. */
export function conditionText(condition: OfferCondition): string {
  const words = TRAITS.flatMap((trait) => {
    const word = condition[trait];
    if (word === undefined) return [];
    return ['is' in word ? `${trait} ${word.is}` : `not ${trait} ${word.not}`];
  });
  return words.join(' and ');
}
