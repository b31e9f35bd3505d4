import { isDeepStrictEqual } from 'node:util';
import type { RegoValue } from '../value-text.ts';
import { type Builtin, BuiltinError, isObject, itemsAt, objectAt, textAt } from './argument.ts';

const subset: Builtin = (args) => {
  const [outer, inner] = [args[0] ?? null, args[1] ?? null];
  if (Array.isArray(outer) && inner instanceof Set) return setWithin(outer, inner);
  if (shapeOf(outer) === undefined || shapeOf(outer) !== shapeOf(inner)) {
    throw new BuiltinError('both operands must be objects, sets or arrays');
  }
  return isWithin(outer, inner);
};

function shapeOf(value: RegoValue): 'object' | 'array' | 'set' | undefined {
  if (isObject(value)) return 'object';
  if (Array.isArray(value)) return 'array';
  return value instanceof Set ? 'set' : undefined;
}

/** Objects recursively, sets by membership, an array where it stands as a run inside the other. */
function isWithin(outer: RegoValue, inner: RegoValue): boolean {
  if (isDeepStrictEqual(outer, inner)) return true;
  if (isObject(outer) && isObject(inner)) {
    return Object.entries(inner).every(([key, value]) => {
      const other = Object.hasOwn(outer, key) ? outer[key] : undefined;
      return other !== undefined && isWithin(other, value);
    });
  }
  if (outer instanceof Set && inner instanceof Set) return setWithin([...outer], inner);
  return Array.isArray(outer) && Array.isArray(inner) && isRun(outer, inner);
}

function setWithin(outer: readonly RegoValue[], inner: ReadonlySet<RegoValue>): boolean {
  return [...inner].every((item) => outer.some((other) => isDeepStrictEqual(other, item)));
}

function isRun(outer: readonly RegoValue[], inner: readonly RegoValue[]): boolean {
  for (let start = 0; start + inner.length <= outer.length; start += 1) {
    if (isDeepStrictEqual(outer.slice(start, start + inner.length), inner)) return true;
  }
  return inner.length === 0;
}

/** RFC 6902; a path is a JSON Pointer or an array of segments. */
const patch: Builtin = (args) => {
  let document: RegoValue = args[0] ?? null;
  for (const operation of itemsAt(args, 1)) document = applied(document, objectAt([operation], 0));
  return document;
};

function applied(document: RegoValue, operation: { readonly [key: string]: RegoValue }): RegoValue {
  const path = segments(operation.path);
  switch (textAt([operation.op ?? null], 0)) {
    case 'add':
      return withValue(document, path, member(operation, 'value'));
    case 'remove':
      return without(document, path);
    case 'replace':
      return withValue(without(document, path), path, member(operation, 'value'));
    case 'move': {
      const from = segments(operation.from);
      return withValue(without(document, from), path, at(document, from));
    }
    case 'copy':
      return withValue(document, path, at(document, segments(operation.from)));
    case 'test':
      if (isDeepStrictEqual(at(document, path), member(operation, 'value'))) return document;
      throw new BuiltinError('a test of the patch does not hold');
    default:
      throw new BuiltinError('unrecognized op');
  }
}

function member(operation: { readonly [key: string]: RegoValue }, name: string): RegoValue {
  const value = operation[name];
  if (value === undefined) throw new BuiltinError(`missing required attribute '${name}'`);
  return value;
}

function segments(path: RegoValue | undefined): readonly string[] {
  if (Array.isArray(path)) return path.map((segment) => String(segment));
  if (typeof path !== 'string') throw new BuiltinError('a path must be a string or an array');
  if (path === '') return [];
  const parts = path.replace(/^\/+/, '').split('/');
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function at(document: RegoValue, path: readonly string[]): RegoValue {
  let value = document;
  for (const segment of path) value = child(value, segment);
  return value;
}

function child(parent: RegoValue, segment: string): RegoValue {
  if (isObject(parent) && Object.hasOwn(parent, segment)) return parent[segment] as RegoValue;
  if (Array.isArray(parent)) return parent[position(segment, parent.length - 1)] as RegoValue;
  if (parent instanceof Set) {
    for (const item of parent) if (String(item) === segment) return item;
  }
  throw new BuiltinError('the path does not exist');
}

function position(segment: string, last: number): number {
  const index = Number(segment);
  if (!/^(?:0|[1-9]\d{0,9})$/.test(segment) || index > last) throw new BuiltinError('the path does not exist');
  return index;
}

function withValue(document: RegoValue, path: readonly string[], value: RegoValue): RegoValue {
  const [segment, ...rest] = path;
  if (segment === undefined) return value;
  if (rest.length > 0) return withChild(document, segment, withValue(child(document, segment), rest, value));
  if (!Array.isArray(document)) return withChild(document, segment, value);
  return document.toSpliced(segment === '-' ? document.length : position(segment, document.length), 0, value);
}

function withChild(parent: RegoValue, segment: string, value: RegoValue): RegoValue {
  if (Array.isArray(parent)) return parent.with(position(segment, parent.length - 1), value);
  if (parent instanceof Set) return new Set([...parent, value]);
  if (!isObject(parent)) throw new BuiltinError('the path does not exist');
  return { ...parent, [segment]: value };
}

function without(document: RegoValue, path: readonly string[]): RegoValue {
  const [segment, ...rest] = path;
  if (segment === undefined) return null;
  const target = child(document, segment);
  if (rest.length > 0) return withChild(document, segment, without(target, rest));
  if (Array.isArray(document)) return document.toSpliced(position(segment, document.length - 1), 1);
  if (document instanceof Set) return new Set([...document].filter((item) => item !== target));
  return Object.fromEntries(Object.entries(document as object).filter(([key]) => key !== segment));
}

export const DOCUMENT_BUILTINS = {
  'json.patch': patch,
  'object.subset': subset,
} as const satisfies Readonly<Record<string, Builtin>>;
