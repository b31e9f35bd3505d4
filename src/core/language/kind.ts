import { z } from 'zod';
import { name } from './field-forms.ts';

/** The one version of the language. */
export const API_VERSION = 'headgate.dev/v1';

/**
 * A kind: its envelope and `spec` as one zod definition that says only what JSON Schema can say. Rules across fields,
 * units and references are checks of their own. A document of a kind that is not built is refused.
 */
export function defineKind<
  const K extends string,
  S extends z.ZodType,
  M extends z.ZodRawShape = Record<never, never>,
>(definition: { kind: K; description: string; spec: S; metadata?: M; example: unknown; built?: boolean }) {
  const { kind, spec, example, built = true } = definition;
  const description = built ? definition.description : `${definition.description} Not built yet: refused.`;
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
  return { kind, schema, built };
}

function exampleName(example: unknown): string {
  return (example as { metadata: { name: string } }).metadata.name;
}
