import type { Json } from '../base/canonical-json.ts';

/** Who a stream belongs to, as its first request says. Not proven: the shell compares it with the certificate. */
export interface XdsNode {
  readonly id: string;
  readonly cluster: string;
  readonly metadata: { readonly [key: string]: Json };
  readonly userAgent: string;
  readonly version: NodeVersion | undefined;
  /** The full names of the messages that configure what is compiled into it; absent where it does not tell. */
  readonly extensions?: ReadonlySet<string>;
  /** What it says that it understands of the protocols; absent where it says nothing. */
  readonly features?: ReadonlySet<string>;
}

/** What tells a proxy from all others: an id is its own word alone, so those of another cluster may have the same one. */
export function nodeKey({ cluster, id }: XdsNode): string {
  return JSON.stringify([cluster, id]);
}

export interface NodeVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** What follows the numbers: `dev` for a build between two releases, or a word of whoever built it. */
  readonly label?: string;
}

/** The oldest Envoy that accepts what we generate. */
const OLDEST_MAJOR = 1;
const OLDEST_MINOR = 40;
/** The label of a build made on the way to the release of its number. */
const BEFORE_RELEASE = 'dev';

/**
 * Why a node gets no configuration, or undefined where it does. Only an Envoy is judged: a client of another kind
 * (a conformance program, a script) knows by itself what it can read. A build of one's own is judged by its number; one
 * that was made before the oldest release was out lacks what came until then.
 */
export function nodeRefusal(node: XdsNode): string | undefined {
  if (node.userAgent !== 'envoy') return undefined;
  const oldest = `${OLDEST_MAJOR}.${OLDEST_MINOR}`;
  if (node.version === undefined) return `the Envoy does not tell its version; ${oldest} or later is needed`;
  const { major, minor, patch, label } = node.version;
  const isFirst = major === OLDEST_MAJOR && minor === OLDEST_MINOR && patch === 0;
  if (isFirst && label === BEFORE_RELEASE) return `Envoy ${nodeVersion(node)} was built before ${oldest} was released`;
  if (major > OLDEST_MAJOR || (major === OLDEST_MAJOR && minor >= OLDEST_MINOR)) return undefined;
  return `Envoy ${nodeVersion(node)} is older than ${oldest}`;
}

/**
 * Which of the needed extensions a node lacks, in their order (reference: xDS `node.extensions`). An Envoy tells all that
 * is compiled into it; a node that tells nothing is not judged.
 */
export function missingExtensions(
  extensions: ReadonlySet<string> | undefined,
  needed: readonly string[],
): readonly string[] {
  return extensions === undefined ? [] : needed.filter((name) => !extensions.has(name));
}

/** Extensions that a text names; the rest are counted. */
const NAMED_MAX = 3;

/** Why a node that lacks extensions gets no configuration, undefined where it lacks none. */
export function extensionRefusal(node: XdsNode, missing: readonly string[]): string | undefined {
  if (missing.length === 0) return undefined;
  const more = missing.length > NAMED_MAX ? ` and ${missing.length - NAMED_MAX} more` : '';
  const who = `${node.userAgent} ${nodeVersion(node)}`.trim();
  return `${who === '' ? 'it' : who} was built without ${missing.slice(0, NAMED_MAX).join(', ')}${more}`;
}

/** `1.40.0`, `1.41.0-dev`, or an empty text where the node does not tell it. */
export function nodeVersion({ version }: XdsNode): string {
  if (version === undefined) return '';
  const numbers = `${version.major}.${version.minor}.${version.patch}`;
  return version.label === undefined ? numbers : `${numbers}-${version.label}`;
}
