import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { isOrigin, type Origin } from './origin.ts';

/**
 * Where the parts of a model stand that another model does not have: those that were added or say something else by
 * themselves. A part that was only moved is not among them, nor one of which only an inner part changed.
 */
export function changedOrigins(before: object, after: object): Set<string> {
  const known = new Set(partsOf(before).map(({ content }) => content));
  const changed = partsOf(after).filter(({ content }) => !known.has(content));
  return new Set(changed.map(({ origin }) => originKey(origin)));
}

/** Equal for equal places. */
export function originKey({ file, line, column }: Origin): string {
  return `${file}:${line}:${column}`;
}

interface Part {
  readonly origin: Origin;
  /** What it says, without its place and its inner parts. */
  readonly content: string;
}

/** Every value at any depth that knows its place. */
function partsOf(value: unknown): Part[] {
  if (value === null || typeof value !== 'object') return [];
  const inner = Object.values(value).flatMap(partsOf);
  const origin = originOf(value);
  return origin === undefined ? inner : [{ origin, content: canonicalJson(ownContent(value)) }, ...inner];
}

function originOf(value: unknown): Origin | undefined {
  if (value === null || typeof value !== 'object' || !('origin' in value)) return undefined;
  return isOrigin(value.origin) ? value.origin : undefined;
}

function ownContent(value: unknown): Json {
  if (Array.isArray(value)) return value.filter((item) => originOf(item) === undefined).map(ownContent);
  if (value === null || typeof value !== 'object') return value as Json;
  const own = Object.entries(value).filter(([, member]) => !isOrigin(member) && originOf(member) === undefined);
  return Object.fromEntries(own.map(([key, member]) => [key, ownContent(member)]));
}
