import type { z } from 'zod';
import { closestWord } from '../base/closest-word.ts';
import { type Diagnostic, type DiagnosticDetail, diagnostic, type Span } from '../diagnostics/diagnostic.ts';
import { locate, type Path, writtenAt, type YamlSource } from '../diagnostics/locate.ts';
import { replaceWith } from '../diagnostics/replace-with.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import { keysAt, schemaAt } from './schema-walk.ts';
import { unbuiltValues } from './unbuilt.ts';

type Issue = z.core.$ZodIssue;

interface Shape {
  readonly source: YamlSource;
  readonly value: unknown;
  readonly schema: z.ZodType;
}

/** What zod found, in words and at the place in the file. A key that is mistyped is not told as missing too. */
export function shapeDiagnostics(shape: Shape, issues: readonly Issue[]): Diagnostic[] {
  const flat = issues.flatMap((issue) => flattened(issue));
  const told = new Set<string>();
  const found: Diagnostic[] = [];
  for (const issue of flat) {
    if (issue.code === 'unrecognized_keys') found.push(...unknownKeys(shape, issue.path, issue.keys, told));
  }
  for (const issue of flat) {
    if (issue.code === 'unrecognized_keys' || told.has(pathText(issue.path))) continue;
    found.push(oneIssue(shape, issue));
  }
  return found;
}

/** A union is told by the branch that the value is nearest to: the one whose own type it has, with the fewest issues. */
function flattened(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const near = issue.errors.filter(
    (branch) => !branch.some((item) => item.code === 'invalid_type' && item.path.length === 0),
  );
  const best = near.toSorted((left, right) => left.length - right.length)[0];
  if (best === undefined) {
    const expected = issue.errors.flatMap((branch) =>
      branch.flatMap((item) => (item.code === 'invalid_type' ? [item.expected] : [])),
    );
    return [{ ...issue, code: 'invalid_type', expected: [...new Set(expected)].join('|') as 'array' }];
  }
  return best.flatMap((item) => flattened({ ...item, path: [...issue.path, ...item.path] }));
}

/** Adds to `told` the missing keys that the diagnostics explain: those that are mistyped. */
function unknownKeys(shape: Shape, path: Path, keys: readonly string[], told: Set<string>): Diagnostic[] {
  const known = keysAt(shape.schema, path);
  const mapping = valueAt(shape.value, path);
  const absent = known.filter((key) => !Object.hasOwn(mapping as object, key));
  return keys.map((key) => {
    const span = locate(shape.source, [...path, key], 'key');
    const near = closestWord(key, absent);
    if (near !== undefined) told.add(pathText([...path, near]));
    const more = near === undefined ? { hint: `known here: ${known.toSorted().join(', ')}` } : replaceWith(span, near);
    return diagnostic('HG2002', span, `unknown key ${quoted(key)}`, more);
  });
}

function oneIssue(shape: Shape, issue: Issue): Diagnostic {
  const value = valueAt(shape.value, issue.path);
  const span = locate(shape.source, issue.path);
  const field = fieldName(issue.path);
  if (value === undefined) return missing(shape, issue.path);
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(shape, issue.path, issue.expected, value);
    case 'invalid_value':
      return wrongValue(shape, issue.path, issue.values, value);
    case 'invalid_key': {
      const form = issue.issues[0]?.message ?? 'another text';
      const key = String(issue.path.at(-1));
      return diagnostic('HG2006', locate(shape.source, issue.path, 'key'), `the key ${quoted(key)} must be ${form}`);
    }
    case 'too_small':
      return outOfRange(span, field, issue.origin, 'at least', issue.minimum);
    case 'too_big':
      return outOfRange(span, field, issue.origin, 'at most', issue.maximum);
    default:
      return diagnostic('HG2006', span, `${field} must be ${issue.message}`);
  }
}

function missing(shape: Shape, path: Path): Diagnostic {
  const key = String(path.at(-1));
  const example = schemaAt(shape.schema, path)?.meta()?.examples;
  const first = Array.isArray(example) ? (example[0] as unknown) : undefined;
  const line = first === undefined || typeof first === 'object' ? `${key}: ...` : `${key}: ${String(first)}`;
  const span = locate(shape.source, path);
  return diagnostic('HG2003', span, `missing key ${quoted(key)}`, { hint: `add \`${line}\`` });
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  null: 'empty',
};

/** Words that YAML 1.1 read as a boolean and 1.2 does not. */
const BOOLEAN_WORDS: Readonly<Record<string, string>> = { yes: 'true', on: 'true', no: 'false', off: 'false' };

function wrongType(shape: Shape, path: Path, expected: string, value: unknown): Diagnostic {
  const span = locate(shape.source, path);
  const wanted = expected.split('|').map((word) => TYPE_WORDS[word] ?? word);
  const actual = typeName(value);
  const what = expected === 'int' && actual === 'number' ? String(value) : (TYPE_WORDS[actual] ?? actual);
  const message = `${fieldName(path)} must be ${wanted.join(' or ')}, and it is ${what}`;
  const written = writtenAt(shape.source, span);
  if (expected === 'string' && (actual === 'number' || actual === 'boolean')) {
    return diagnostic('HG2004', span, message, writeInstead(span, `"${written}"`));
  }
  const meant = expected === 'boolean' ? BOOLEAN_WORDS[written.toLowerCase()] : undefined;
  if (meant !== undefined) return diagnostic('HG2004', span, message, writeInstead(span, meant));
  const isLone = expected.startsWith('array') && actual === 'string';
  return diagnostic('HG2004', span, message, isLone ? writeInstead(span, `[ ${written} ]`) : {});
}

function writeInstead(span: Span, replacement: string): DiagnosticDetail {
  return { hint: `write ${replacement}`, fix: [{ span, replacement }] };
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function wrongValue(shape: Shape, path: Path, values: readonly unknown[], value: unknown): Diagnostic {
  const span = locate(shape.source, path);
  const written = typeof value === 'object' ? 'this' : quoted(String(value));
  const schema = schemaAt(shape.schema, path);
  const later = schema === undefined ? [] : unbuiltValues(schema);
  const known = [...new Set(values.map(String))].filter((word) => !later.includes(word));
  const near = closestWord(String(value), known);
  const more = near === undefined ? { hint: `one of: ${known.join(', ')}` } : replaceWith(span, near);
  return diagnostic('HG2005', span, `${fieldName(path)} cannot be ${written}`, more);
}

function outOfRange(span: Span, field: string, origin: string, bound: string, limit: number | bigint): Diagnostic {
  if (origin !== 'array') return diagnostic('HG2007', span, `${field} must be ${bound} ${limit}`);
  const noun = Number(limit) === 1 ? 'entry' : 'entries';
  return diagnostic('HG2008', span, `${field} must have ${bound} ${limit} ${noun}`);
}

/** `entry 2 of "offers"`, `"weight"`. */
function fieldName(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return 'the document';
  return typeof last === 'number' ? `entry ${last + 1} of ${quoted(String(path.at(-2)))}` : quoted(String(last));
}

function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const step of path) {
    if (current === null || typeof current !== 'object' || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<PropertyKey, unknown>)[step];
  }
  return current;
}

function pathText(path: Path): string {
  return path.map(String).join('\0');
}
