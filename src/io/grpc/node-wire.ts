import type { Json } from '../../core/base/canonical-json.ts';
import type { NodeVersion, XdsNode } from '../../core/xds/node.ts';
import type { BuildVersion, Extension, Node } from '../../gen/envoy/config/core/v3/base_pb.js';

/** What a first request tells of its proxy. Proxies of one build share one set of extensions. */
export function nodeOf(node: Node): XdsNode {
  const extensions = extensionsOf(node.extensions);
  return {
    id: node.id,
    cluster: node.cluster,
    metadata: (node.metadata ?? {}) as { readonly [key: string]: Json },
    userAgent: node.userAgentName,
    version: versionOf(node.userAgentVersionType),
    ...(extensions === undefined ? {} : { extensions }),
  };
}

function versionOf({ case: kind, value }: Node['userAgentVersionType']): NodeVersion | undefined {
  switch (kind) {
    case 'userAgentBuildVersion':
      return builtVersion(value);
    case 'userAgentVersion':
      return writtenVersion(value);
    case undefined:
      return undefined;
  }
}

/** The label under which a build tells what it is besides its number, in the metadata of its version. */
const LABEL_KEY = 'build.label';

function builtVersion({ version, metadata }: BuildVersion): NodeVersion | undefined {
  if (version === undefined) return undefined;
  const { majorNumber: major, minorNumber: minor, patch } = version;
  const label = metadata?.[LABEL_KEY];
  return { major, minor, patch, ...(typeof label === 'string' && label !== '' ? { label } : {}) };
}

/** A build whose number is no `1.2.3` tells it as a text. */
function writtenVersion(text: string): NodeVersion | undefined {
  const [, major, minor, patch = '0', label] = /^(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(?:-(.+))?$/.exec(text) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  const numbers = { major: Number(major), minor: Number(minor), patch: Number(patch) };
  return { ...numbers, ...(label === undefined ? {} : { label }) };
}

/** Different builds in a fleet: a few. The bound is for callers who make up lists. */
const KNOWN_SETS_MAX = 64;
const knownSets = new Map<string, ReadonlySet<string>>();

/** An Envoy lists some 500 extensions: each set is held once, however many proxies have it. */
function extensionsOf(extensions: readonly Extension[]): ReadonlySet<string> | undefined {
  if (extensions.length === 0) return undefined;
  const names = new Set(extensions.flatMap(({ typeUrls }) => typeUrls));
  const key = [...names].sort().join(' ');
  const known = knownSets.get(key) ?? names;
  knownSets.delete(key);
  knownSets.set(key, known);
  const [oldest] = knownSets.keys();
  if (knownSets.size > KNOWN_SETS_MAX && oldest !== undefined) knownSets.delete(oldest);
  return known;
}
