import { createHmac } from 'node:crypto';

/** 128 bits, as the versions of other resources. */
const VERSION_HEX_DIGITS = 32;

/**
 * The version of a secret: a keyed hash, so that it tells nothing about the value to who sees it in a log or in a
 * proxy's admin page. Replicas that share the key offer the same versions.
 */
export function secretVersion(key: Uint8Array, name: string, bytes: Uint8Array): string {
  const mac = createHmac('sha256', key)
    .update(`${Buffer.byteLength(name)}:${name}`)
    .update(bytes);
  return mac.digest('hex').slice(0, VERSION_HEX_DIGITS);
}
