/** Where in the watched tree something was written: a path below its root, line and column from 1. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * A copy of the value without any origin at any depth. What a revision means does not depend on where it was written,
 * so digests are taken over this form: moving a document to another file changes nothing. A user may call a label, a
 * header or a model `origin` too: only what is one is left out.
 */
export function withoutOrigins<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => withoutOrigins(item)) as T;
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([key, member]) => key !== 'origin' || !isOrigin(member));
  return Object.fromEntries(entries.map(([key, member]) => [key, withoutOrigins(member)])) as T;
}

/** Tells a place from what a user called `origin`. */
export function isOrigin(value: unknown): value is Origin {
  return typeof value === 'object' && value !== null && 'file' in value && 'line' in value && 'column' in value;
}
