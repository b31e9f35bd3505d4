import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';

/** Where a value stands that no file of settings may hold: a key, a token, a secret shared with a forge. */
export type ValueSource =
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string };

/** A value as it stands at its place; `failed` says nothing of it. */
export type FoundValue =
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'failed'; readonly code: string };

export const valueShape = z.union([
  z.strictObject({ env: z.string().min(1) }),
  z.strictObject({ file: z.string().min(1) }),
]);

/** @param folder of the settings file, to which paths are relative */
export function valueSource(value: z.infer<typeof valueShape>, folder: string): ValueSource {
  return 'env' in value ? { kind: 'env', name: value.env } : { kind: 'file', path: resolve(folder, value.file) };
}

/**
 * Reads the value anew at each call, so that it can be renewed. A file that cannot be read, or is empty, while it is
 * written keeps what was read last; the empty text is what was never there.
 */
export function valueReader(source: ValueSource): () => string {
  let last = '';
  return () => {
    const found = findValue(source);
    if (found.kind === 'value' && found.text !== '') last = found.text;
    return last;
  };
}

/** Reads a value at its place, without the white space around it. */
export function findValue(source: ValueSource): FoundValue {
  if (source.kind === 'env') return { kind: 'value', text: (process.env[source.name] ?? '').trim() };
  try {
    return { kind: 'value', text: readFileSync(source.path, 'utf8').trim() };
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { kind: 'value', text: '' } : { kind: 'failed', code };
  }
}
