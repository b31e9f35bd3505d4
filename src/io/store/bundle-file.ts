import { createHash } from 'node:crypto';
import type { Json } from '../../core/base/canonical-json.ts';
import type { Digest } from '../../core/base/digest.ts';

/** What runs a revision, by name of part: decision tables, policy Wasm, resources of a fleet ... Never a secret. */
export interface Bundle {
  readonly manifest: BundleManifest;
  readonly parts: Readonly<Record<string, Uint8Array>>;
}

export interface BundleManifest {
  /** What the bundle is stored and asked for by. */
  readonly digest: Digest;
  readonly commit: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Whatever else the writer wants to find again. */
  readonly about?: Json;
}

const MAGIC = 'headgate-bundle-1';
/** The longer of the two lines before the head is below this. */
const LINE_BYTES_MAX = 128;

interface Head {
  readonly manifest: BundleManifest;
  readonly parts: readonly { readonly name: string; readonly bytes: number }[];
}

/** The file of a bundle: `MAGIC SHA256\n`, then what the hash covers: `HEADLENGTH\n`, the head as JSON, the parts. */
export function encodeBundle({ manifest, parts }: Bundle): Uint8Array[] {
  const named = Object.entries(parts);
  const head: Head = { manifest, parts: named.map(([name, { length }]) => ({ name, bytes: length })) };
  const headBytes = Buffer.from(JSON.stringify(head));
  const body = [Buffer.from(`${headBytes.length}\n`), headBytes, ...named.map(([, bytes]) => bytes)];
  return [Buffer.from(`${MAGIC} ${hashOf(body)}\n`), ...body];
}

/** The bundle of a file, undefined when one bit of it is not as it was written. The parts are views of `file`. */
export function decodeBundle(file: Buffer): Bundle | undefined {
  const [firstLine, body] = takeLine(file);
  if (firstLine !== `${MAGIC} ${hashOf([body])}`) return undefined;
  const [headLength, headAndParts] = takeLine(body);
  const head = JSON.parse(headAndParts.toString('utf8', 0, Number(headLength))) as Head;
  let at = Number(headLength);
  const parts = head.parts.map(({ name, bytes }) => {
    at += bytes;
    return [name, new Uint8Array(headAndParts.buffer, headAndParts.byteOffset + at - bytes, bytes)] as const;
  });
  return { manifest: head.manifest, parts: Object.fromEntries(parts) };
}

function takeLine(bytes: Buffer): [line: string, rest: Buffer] {
  const end = bytes.subarray(0, LINE_BYTES_MAX).indexOf(0x0a);
  return [bytes.toString('latin1', 0, Math.max(end, 0)), bytes.subarray(end + 1)];
}

function hashOf(chunks: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}
