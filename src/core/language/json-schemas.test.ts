import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { present } from '../base/assert.ts';
import { unbuiltParts } from './check-unbuilt.ts';
import { jsonSchemas } from './json-schemas.ts';
import { KINDS } from './kinds.ts';
import { parseYaml } from './parse-yaml.ts';

const FOLDER = join(import.meta.dirname, '../../../schemas');
const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true });
const compiled = new Map<string, ValidateFunction>(
  Object.entries(jsonSchemas()).map(([file, schema]) => [file, ajv.compile(schema)]),
);

describe('the committed schemas', () => {
  test('are what the kinds give', () => {
    const committed = readdirSync(FOLDER).map((file) => [file, JSON.parse(readFileSync(join(FOLDER, file), 'utf8'))]);
    expect(Object.fromEntries(committed)).toEqual(JSON.parse(JSON.stringify(jsonSchemas())));
  });

  test('give every field a title, a description and an example', () => {
    const bare = Object.entries(jsonSchemas()).flatMap(([file, schema]) => fieldsWithoutHelp(schema, file));
    expect(bare).toEqual([]);
  });
});

/** Nearly right documents: the examples of the kind with a few values changed, dropped, added. */
function mutated(example: unknown): fc.Arbitrary<unknown> {
  const scalar = fc.oneof(
    fc.constantFrom('*', 'own', 'zero', '30d', '10s', '8MiB', '429', '5xx', 'vllm', 'enforce', '10.0.0.1:80', ''),
    fc.string({ maxLength: 8, unit: 'grapheme' }),
    fc.integer({ min: -2, max: 70_000 }),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1, max: 10 }),
    fc.constantFrom(null, true, false, [], {}, ['scrape'], { scrape: {} }, 429),
  );
  const places = pathsOf(example);
  const change = fc.record({
    path: fc.constantFrom(...places),
    how: fc.constantFrom('replace', 'drop', 'add'),
    key: fc.constantFrom('name', 'offers', 'region', 'labels', 'x', 'until', 'order', 'load', 'teams'),
    value: scalar,
  });
  return fc.array(change, { maxLength: 3 }).map((changes) => {
    const copy = structuredClone(example);
    for (const item of changes) apply(copy, item);
    return copy;
  });
}

describe.each(Object.values(KINDS))('$kind', ({ kind, schema }) => {
  const validate = compiled.get(`${kind.toLowerCase()}.schema.json`);
  const examples = (schema.meta()?.examples ?? []) as unknown[];

  test('accepts its own examples', () => {
    expect(examples.map((example) => schema.safeParse(example).success)).toEqual([true]);
    expect(examples.map((example) => validate?.(example))).toEqual([true]);
  });

  test('accepts every field at once, and refuses what it calls not built', () => {
    const document = fullExample(schema);
    expect([schema.safeParse(document).success, validate?.(document)]).toEqual([true, true]);
    const [parsed] = parseYaml({ path: 'a.yaml', text: JSON.stringify(document) }).documents;
    const place = { source: present(parsed, 'document').source, path: [] };
    const refused = [...unbuiltParts(schema, document, place)].map((item) => item.message.split('"')[1]);
    expect(refused.toSorted()).toEqual(notBuiltFields(jsonSchemas()[`${kind.toLowerCase()}.schema.json`]).toSorted());
  });

  test('is judged the same by zod and by its JSON Schema', () => {
    fc.assert(
      fc.property(fc.oneof(mutated(examples[0]), mutated(fullExample(schema))), (document) => {
        expect(validate?.(document)).toBe(schema.safeParse(document).success);
      }),
      { numRuns: 500 },
    );
  });
});

/** A document of the kind that has every field there is. */
function fullExample(schema: z.ZodType): unknown {
  const wrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  if (wrapped) return fullExample(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries(schema.shape as Record<string, z.ZodType>);
    return Object.fromEntries(fields.map(([key, field]) => [key, fullExample(field)]));
  }
  if (schema instanceof z.ZodLiteral) return schema.value;
  const [example] = (schema.meta()?.examples ?? []) as unknown[];
  const nested = schema instanceof z.ZodArray && schema.element instanceof z.ZodObject;
  return nested ? [fullExample(schema.element as z.ZodType)] : example;
}

/** The fields that say so of themselves; what stands below one of them is not told again. */
function notBuiltFields(schema: unknown): string[] {
  if (!isObject(schema)) return [];
  const fields = isObject(schema.properties) ? Object.entries(schema.properties) : [];
  const isNotBuilt = (field: unknown) => isObject(field) && /Not built yet: refused\.$/.test(String(field.description));
  const below = fields.flatMap(([key, field]) => (isNotBuilt(field) ? [key] : notBuiltFields(field)));
  return [...below, ...notBuiltFields(schema.items)];
}

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (value === null || typeof value !== 'object') return [path];
  const below = Object.entries(value).flatMap(([key, member]) =>
    pathsOf(member, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return [path, ...below];
}

function apply(root: unknown, change: { path: Path; how: string; key: string; value: unknown }): void {
  let parent: unknown;
  let node = root;
  for (const step of change.path) {
    parent = node;
    node = isObject(node) ? node[step] : undefined;
  }
  const last = change.path.at(-1);
  if (change.how === 'add') {
    if (isObject(node)) node[Array.isArray(node) ? node.length : change.key] = change.value;
    return;
  }
  if (!isObject(parent) || last === undefined) return;
  if (change.how === 'replace') parent[last] = change.value;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else Reflect.deleteProperty(parent, last);
}

function isObject(value: unknown): value is Record<string | number, unknown> {
  return value !== null && typeof value === 'object';
}

/** Fields are what stands in `properties`; those of the union in document.schema.json are the same again. */
function fieldsWithoutHelp(schema: unknown, path: string): string[] {
  if (!isObject(schema)) return [];
  const fields = isObject(schema.properties) ? Object.entries(schema.properties) : [];
  const bare = fields.filter(
    ([, field]) => !(isObject(field) && ['title', 'description', 'examples'].every((key) => Object.hasOwn(field, key))),
  );
  const below = Object.entries(schema).flatMap(([key, member]) => fieldsWithoutHelp(member, `${path}/${key}`));
  return [...bare.map(([key]) => `${path}/${key}`), ...below];
}
