import { modelName } from '../language/field-forms.ts';
import { type Draft, type ModelDraft, modelOf, type OfferDraft } from './draft.ts';
import { type Place, type Source, toCheck } from './source-place.ts';

/** What sources that know nothing of a model are given: today's usual window, and what nearly every model can do. */
const CONTEXT_GUESS = 128_000;
const CAPABILITIES_GUESS = ['streaming', 'tools'];

const ALIAS = modelName({ title: 'Alias', description: 'What clients ask for.', example: 'gpt-4o-mini' });

/** The model that clients call so. Says where they cannot go on to do that. */
export function calledModel(source: Source, draft: Draft, called: string, place: Place): ModelDraft {
  const isNew = !draft.models.has(called);
  const model = modelOf(draft, called);
  for (const alias of model.aliases) {
    if (ALIAS.safeParse(alias).success) continue;
    model.aliases.delete(alias);
    if (isNew) toCheck(source, place, `clients cannot ask for ${JSON.stringify(alias)}: it is called ${model.name}`);
  }
  return model;
}

/** Fills in what a document must say and the source does not, and tells so once for each model. */
export function guessFacts(source: Source, model: ModelDraft, place: Place): void {
  if (model.context === undefined) {
    model.context = CONTEXT_GUESS;
    toCheck(source, place, `the file does not say the context of ${model.name}: ${CONTEXT_GUESS} tokens are written`);
  }
  if (model.capabilities.size > 0) return;
  for (const capability of CAPABILITIES_GUESS) model.capabilities.add(capability);
  const guess = CAPABILITIES_GUESS.join(' and ');
  toCheck(source, place, `the file does not say what ${model.name} can do: ${guess} are written`);
}

/** A price of nothing, told: the catalog must say one. */
export function guessedPrice(source: Source, place: Place): OfferDraft['price'] {
  toCheck(source, place, 'the file does not say its price: 0 is written');
  return { input: 0, output: 0 };
}
