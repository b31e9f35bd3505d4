import type { Json } from '../base/canonical-json.ts';

/** Who a stream belongs to, as its first request says. Not proven: the shell compares it with the certificate. */
export interface XdsNode {
  readonly id: string;
  readonly cluster: string;
  readonly metadata: { readonly [key: string]: Json };
  readonly userAgent: string;
  readonly version: { readonly major: number; readonly minor: number; readonly patch: number } | undefined;
}

/** The oldest Envoy that accepts what we generate. */
const OLDEST_MAJOR = 1;
const OLDEST_MINOR = 40;

/**
 * Why a node gets no configuration, or undefined where it does. Only an Envoy is judged: a client of another kind
 * (a conformance program, a script) knows by itself what it can read.
 */
export function nodeRefusal(node: XdsNode): string | undefined {
  if (node.userAgent !== 'envoy') return undefined;
  const oldest = `${OLDEST_MAJOR}.${OLDEST_MINOR}`;
  if (node.version === undefined) return `the Envoy does not tell its version; ${oldest} or later is needed`;
  const { major, minor } = node.version;
  if (major > OLDEST_MAJOR || (major === OLDEST_MAJOR && minor >= OLDEST_MINOR)) return undefined;
  return `Envoy ${nodeVersion(node)} is older than ${oldest}`;
}

/** `1.40.0`, or an empty text where the node does not tell it. */
export function nodeVersion(node: XdsNode): string {
  return node.version === undefined ? '' : `${node.version.major}.${node.version.minor}.${node.version.patch}`;
}
