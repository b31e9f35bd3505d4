import type { JsonObject, MessageInitShape } from '@bufbuild/protobuf';
import type { Json } from '../../core/base/canonical-json.ts';
import type { NodeVersion, XdsNode } from '../../core/xds/node.ts';
import type { BuildVersion, Extension, Node, NodeSchema } from '../../gen/envoy/config/core/v3/base_pb.js';
import { MalformedRequest } from './request-node.ts';

/** Of the id, the cluster and the name of the program: they stand in logs, events and status. */
const NAMES_CHARACTERS_MAX = 4_096;
/** As JSON. Labels and ports are a hundredth of it; it is kept for each stream, and shown. */
const METADATA_CHARACTERS_MAX = 64 * 1024;
/** An Envoy with all that is in its repository tells of 100,000. */
const EXTENSIONS_CHARACTERS_MAX = 1024 * 1024;

/** What a first request tells of its proxy. Proxies of one build share one set of extensions. Throws where it is too much. */
export function nodeOf(node: Node): XdsNode {
  checkSize(node);
  const extensions = extensionsOf(node.extensions);
  return {
    id: node.id,
    cluster: node.cluster,
    metadata: (node.metadata ?? {}) as { readonly [key: string]: Json },
    userAgent: node.userAgentName,
    version: versionOf(node.userAgentVersionType),
    ...(extensions === undefined ? {} : { extensions }),
    ...(node.clientFeatures.length === 0 ? {} : { features: sharedSet(node.clientFeatures) }),
  };
}

function checkSize({ id, cluster, userAgentName, metadata }: Node): void {
  const names = id.length + cluster.length + userAgentName.length;
  if (names > NAMES_CHARACTERS_MAX) throw new MalformedRequest('the names of the node are too long');
  const characters = metadata === undefined ? 0 : JSON.stringify(metadata).length;
  if (characters > METADATA_CHARACTERS_MAX) throw new MalformedRequest('the metadata of the node is too large');
}

/** A node as it is shown to others: who it is and what it runs. */
export function toldNode({ id, cluster, metadata, userAgent, version }: XdsNode): MessageInitShape<typeof NodeSchema> {
  return {
    id,
    cluster,
    metadata: metadata as JsonObject,
    userAgentName: userAgent,
    ...(version === undefined
      ? {}
      : {
          userAgentVersionType: {
            case: 'userAgentBuildVersion' as const,
            value: { version: { majorNumber: version.major, minorNumber: version.minor, patch: version.patch } },
          },
        }),
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
  return sharedSet(extensions.flatMap(({ typeUrls }) => typeUrls));
}

function sharedSet(list: readonly string[]): ReadonlySet<string> {
  const names = new Set(list);
  const key = [...names].sort().join(' ');
  if (key.length > EXTENSIONS_CHARACTERS_MAX) throw new MalformedRequest('the node lists too much');
  const known = knownSets.get(key) ?? names;
  knownSets.delete(key);
  knownSets.set(key, known);
  const [oldest] = knownSets.keys();
  if (knownSets.size > KNOWN_SETS_MAX && oldest !== undefined) knownSets.delete(oldest);
  return known;
}
