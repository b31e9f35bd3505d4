import { z } from 'zod';
import type { Path } from '../diagnostics/locate.ts';
import { unbuiltValues } from './unbuilt.ts';

/** The schema of the value at the path, without what only says that it may be absent; undefined where it has none. */
export function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  let current: z.ZodType | undefined = schema;
  for (const step of path) {
    if (current === undefined) return undefined;
    current = childOf(current, step);
  }
  return current === undefined ? undefined : bare(current);
}

/** The keys that the mapping at the path may have and that are built; none where it is no mapping of fixed keys. */
export function keysAt(schema: z.ZodType, path: Path): string[] {
  const found = schemaAt(schema, path);
  if (found instanceof z.ZodUnion) return branches(found).flatMap((branch) => keysAt(branch, []));
  if (!(found instanceof z.ZodObject)) return [];
  const fields = Object.entries(found.shape as Record<string, z.ZodType>);
  return fields.filter(([, field]) => unbuiltValues(field) !== 'all').map(([key]) => key);
}

function bare(schema: z.ZodType): z.ZodType {
  const wrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  return wrapped ? bare(schema.unwrap() as z.ZodType) : schema;
}

/** The schema of a member, with what says that it may be absent. */
export function childOf(parent: z.ZodType, step: PropertyKey): z.ZodType | undefined {
  const schema = bare(parent);
  if (schema instanceof z.ZodUnion) {
    return branches(schema)
      .map((branch) => childOf(branch, step))
      .find((found) => found !== undefined);
  }
  if (schema instanceof z.ZodObject) return (schema.shape as Record<string, z.ZodType>)[String(step)];
  if (schema instanceof z.ZodArray) return typeof step === 'number' ? (schema.element as z.ZodType) : undefined;
  return schema instanceof z.ZodRecord ? (schema.valueType as z.ZodType) : undefined;
}

/** The schemas of all members that a value of the schema may have. */
export function childrenOf(parent: z.ZodType): z.ZodType[] {
  const schema = bare(parent);
  if (schema instanceof z.ZodUnion) return branches(schema);
  if (schema instanceof z.ZodObject) return Object.values(schema.shape as Record<string, z.ZodType>);
  if (schema instanceof z.ZodArray) return [schema.element as z.ZodType];
  return schema instanceof z.ZodRecord ? [schema.valueType as z.ZodType] : [];
}

function branches(schema: z.ZodUnion): z.ZodType[] {
  return schema.options as z.ZodType[];
}
