import { digestOfBytes, shortDigest } from '../base/digest.ts';

/**
 * One resource as the machine sees it: a name, the encoded message (the value of the Any that carries it) and a
 * version. The version is a function of the content alone, so that a restarted or a second server offers the same.
 */
export interface Resource {
  readonly name: string;
  readonly version: string;
  readonly bytes: Uint8Array;
  /** Clients that can do so drop the resource when it was not renewed for so long; without it, it stays. */
  readonly ttlMs?: number;
}

/** A resource whose version is the first 128 bits of the bytes' SHA-256. Not for secrets: theirs is a keyed hash. */
export function resourceOf(name: string, bytes: Uint8Array): Resource {
  return { name, version: shortDigest(digestOfBytes(bytes)), bytes };
}
