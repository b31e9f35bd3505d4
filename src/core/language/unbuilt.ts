import { z } from 'zod';
import { type FieldHelp, help } from './field-forms.ts';

/**
 * What the language knows and this version does not act on: editors complete it, its form is checked, and a document
 * that uses it is refused by a code of its own. `all` stands for every value of the field.
 */
interface Unbuilt {
  readonly values: 'all' | readonly string[];
}

const UNBUILT = z.registry<Unbuilt>();

/** Marks a field, which must carry its help already. */
export function unbuilt<T extends z.ZodType>(field: T): T {
  const { description = '', ...more } = field.meta() ?? {};
  const marked = field.meta({ ...more, description: `${description} Not built yet: refused.` });
  UNBUILT.add(marked, { values: 'all' });
  return marked;
}

/**
 * One of some words, of which the later ones are not built yet. Its type has the built ones alone: a document with
 * another one is refused before anybody reads the word.
 */
export function oneOf<const B extends string>(built: readonly B[], later: readonly string[], field: FieldHelp) {
  const description =
    later.length === 0 ? field.description : `${field.description} Not built yet: ${later.join(', ')}.`;
  const words = z.enum<readonly string[]>([...built, ...later]).meta(help({ ...field, description }));
  UNBUILT.add(words, { values: later });
  return words as z.ZodType as z.ZodEnum<{ [Word in B]: Word }>;
}

/** The values of the field that are not built; none where all of it is. */
export function unbuiltValues(schema: z.ZodType): 'all' | readonly string[] {
  const said = UNBUILT.get(schema);
  if (said !== undefined) return said.values;
  const wrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  return wrapped ? unbuiltValues(schema.unwrap() as z.ZodType) : [];
}
