import { resolve } from 'node:path';
import { z } from 'zod';
import type { SecretSource } from './boot-settings.ts';
import { findSecret } from './secret-reader.ts';

/** Where a value stands that only headgate itself uses: a token, a secret shared with a forge. */
export type ValueSource = SecretSource['from'];

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
    const found = findSecret({ from: source, hosts: [] });
    if (found.kind === 'value' && found.text !== '') last = found.text;
    return last;
  };
}
