import { z } from 'zod';
import type { Path } from '../diagnostics/locate.ts';

/** The schema of the value at the path, without what only says that it may be absent; undefined where it has none. */
export function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  let current: z.ZodType | undefined = bare(schema);
  for (const step of path) {
    if (current === undefined) return undefined;
    current = childOf(current, step);
  }
  return current;
}

/** The keys that the mapping at the path may have; none where it is no mapping of fixed keys. */
export function keysAt(schema: z.ZodType, path: Path): string[] {
  const found = schemaAt(schema, path);
  if (found instanceof z.ZodUnion) return branches(found).flatMap((branch) => keysAt(branch, []));
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function bare(schema: z.ZodType): z.ZodType {
  const wrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  return wrapped ? bare(schema.unwrap() as z.ZodType) : schema;
}

function childOf(schema: z.ZodType, step: PropertyKey): z.ZodType | undefined {
  if (schema instanceof z.ZodUnion) {
    return branches(schema)
      .map((branch) => childOf(bare(branch), step))
      .find((found) => found !== undefined);
  }
  if (schema instanceof z.ZodObject) {
    const child = (schema.shape as Record<string, z.ZodType>)[String(step)];
    return child === undefined ? undefined : bare(child);
  }
  if (schema instanceof z.ZodArray) return typeof step === 'number' ? bare(schema.element as z.ZodType) : undefined;
  if (schema instanceof z.ZodRecord) return bare(schema.valueType as z.ZodType);
  return undefined;
}

function branches(schema: z.ZodUnion): z.ZodType[] {
  return schema.options as z.ZodType[];
}
