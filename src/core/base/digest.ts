import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalJson, type Json } from './canonical-json.ts';

/** `sha256:` and 64 hexadecimal digits. */
export type Digest = `sha256:${string}`;

export function digestOfBytes(bytes: Uint8Array): Digest {
  return `sha256:${bytesToHex(sha256(bytes))}`;
}

export function digestOfText(text: string): Digest {
  return digestOfBytes(utf8ToBytes(text));
}

/** The digest of the value's canonical JSON: the same for every order of keys. */
export function digestOfJson(value: Json): Digest {
  return digestOfText(canonicalJson(value));
}

/** The first 128 bits, 32 hexadecimal digits: short enough to travel in every message, long enough never to collide. */
export function shortDigest(digest: Digest): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 32);
}
