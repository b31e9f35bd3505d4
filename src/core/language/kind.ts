import { z } from 'zod';
import { name } from './field-forms.ts';

/** The one version of the language. */
export const API_VERSION = 'headgate.dev/v1';

/**
 * What the language knows and this version does not build: refused by its own code, never ignored. Paths start at the
 * document, with `*` for any index or key.
 */
export interface Unbuilt {
  readonly keys: readonly string[];
  readonly values: Readonly<Record<string, readonly string[]>>;
}

/**
 * A kind: its envelope and `spec` as one zod definition that says only what JSON Schema can say. Rules across fields,
 * units and references are checks of their own.
 */
export function defineKind<
  const K extends string,
  S extends z.ZodType,
  M extends z.ZodRawShape = Record<never, never>,
>(definition: { kind: K; description: string; spec: S; metadata?: M; example: unknown; unbuilt?: Partial<Unbuilt> }) {
  const { kind, description, spec, example, unbuilt } = definition;
  const metadata = z
    .strictObject({
      name: name({
        title: 'Name',
        description: `The name of the ${kind}: a DNS label.`,
        example: exampleName(example),
      }),
      ...((definition.metadata ?? {}) as M),
    })
    .meta({
      title: 'Metadata',
      description: 'What the document is called.',
      examples: [{ name: exampleName(example) }],
    });
  const schema = z
    .strictObject({
      apiVersion: z.literal(API_VERSION).meta({
        title: 'API version',
        description: 'The version of the language.',
        examples: [API_VERSION],
      }),
      kind: z.literal(kind).meta({ title: 'Kind', description: 'What the document is about.', examples: [kind] }),
      metadata,
      spec,
    })
    .meta({ title: kind, description, examples: [example] });
  return { kind, schema, unbuilt: { keys: unbuilt?.keys ?? [], values: unbuilt?.values ?? {} } };
}

function exampleName(example: unknown): string {
  return (example as { metadata: { name: string } }).metadata.name;
}
