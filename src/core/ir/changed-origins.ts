import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { isOrigin, type Origin, withoutOrigins } from './origin.ts';

/**
 * Where the parts of a model stand that another model does not have: those that were added or say something else. A
 * part that was only moved is not among them.
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
  /** What it says, its own parts included. */
  readonly content: string;
}

/** Every value at any depth that knows its place. */
function partsOf(value: unknown): Part[] {
  if (value === null || typeof value !== 'object') return [];
  const inner = Object.values(value).flatMap(partsOf);
  const { origin } = value as { origin?: unknown };
  return isOrigin(origin) ? [{ origin, content: canonicalJson(withoutOrigins(value) as Json) }, ...inner] : inner;
}
