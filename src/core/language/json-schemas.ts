import { z } from 'zod';
import { KINDS } from './kinds.ts';

/** A JSON Schema (draft-07, which editors of YAML understand) by the name of its file. */
export type JsonSchemas = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The schema of each kind, `provider.schema.json`, and `document.schema.json` for files that mix kinds. */
export function jsonSchemas(): JsonSchemas {
  const kinds = Object.values(KINDS);
  const single = kinds.map(({ kind, schema }) => [`${kind.toLowerCase()}.schema.json`, emitted(schema)]);
  const any = z.union(kinds.map(({ schema }) => schema)).meta({
    title: 'Document',
    description: 'A document of any kind.',
  });
  return Object.fromEntries([...single, ['document.schema.json', emitted(any)]]);
}

function emitted(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, { target: 'draft-07', io: 'input' }) as Record<string, unknown>;
}
