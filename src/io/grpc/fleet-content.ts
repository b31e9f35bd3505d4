import { type Resource, resourceOf } from '../../core/xds/resource.ts';
import type { SnapshotContent } from '../../core/xds/snapshot.ts';
import { TYPE_URL } from '../../core/xds/type-url.ts';
import { secretVersion } from './secret-version.ts';

/** A resource as the compiler gives it: the encoded message itself, not packed in an Any. */
export interface FleetResource {
  readonly typeUrl: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** All that the proxies of one fleet shall hold. */
export interface Publication {
  /** The label of the revision, for instance its digest: comes back in events and status. */
  readonly revision: string;
  /** Everything but secrets. */
  readonly resources: readonly FleetResource[];
  /** The secrets that the resources refer to, by their names in the boot settings: only these are served. */
  readonly secretNames: readonly string[];
  /** What a proxy must have compiled in, by the names of its `node.extensions`; absent where nothing is. */
  readonly extensions?: readonly string[];
}

/** Rewrites resources for proxies with the same overrides, such as ports of their own. Pure. */
export interface Overlay {
  /** Equal keys mean equal functions: the proxies share one snapshot. */
  readonly key: string;
  readonly apply: (resource: FleetResource) => FleetResource;
}

/** Builds the resource of a secret: `name` as in the boot settings, an empty value for one that has none. */
export type SecretResource = (name: string, value: string) => FleetResource;

/** A publication with the version of each resource. */
export interface FleetContent {
  readonly publication: Publication;
  readonly versioned: ReadonlyMap<FleetResource, Resource>;
}

/**
 * Hashes what is new. A resource that is the object of the fleet's earlier publication keeps its version without a look
 * at it, and one with the same bytes without a hash.
 */
export function fleetContent(publication: Publication, earlier: FleetContent | undefined): FleetContent {
  const before = earlier?.versioned ?? new Map<FleetResource, Resource>();
  let byName: ReadonlyMap<string, Resource> | undefined;
  const versioned = new Map<FleetResource, Resource>();
  for (const item of publication.resources) {
    const same = before.get(item);
    if (same !== undefined) {
      versioned.set(item, same);
      continue;
    }
    byName ??= new Map([...before].map(([{ typeUrl }, resource]) => [`${typeUrl} ${resource.name}`, resource]));
    const known = byName.get(`${item.typeUrl} ${item.name}`);
    const isEqual = known !== undefined && Buffer.compare(known.bytes, item.bytes) === 0;
    versioned.set(item, isEqual ? known : resourceOf(item.name, item.bytes));
  }
  return { publication, versioned };
}

/** The secrets of a publication as resources, with the values that are known now. */
export function secretResources(
  secretNames: readonly string[],
  values: ReadonlyMap<string, string>,
  build: SecretResource,
  versionKey: Uint8Array,
): Resource[] {
  return secretNames.map((secret) => {
    const { name, bytes } = build(secret, values.get(secret) ?? '');
    return { name, bytes, version: secretVersion(versionKey, name, bytes) };
  });
}

/** What no publication brings, with versions. */
export interface Beside {
  readonly secrets: readonly Resource[];
  /** The same for every fleet, by type URL. */
  readonly shared: ReadonlyMap<string, readonly Resource[]>;
}

/** What one group of proxies shall hold: the fleet's content, rewritten for them, and what stands beside it. */
export function groupContent(
  content: FleetContent,
  overlay: Overlay | undefined,
  { secrets, shared }: Beside,
): SnapshotContent {
  const resources = new Map<string, Resource[]>([[TYPE_URL.secret, [...secrets]]]);
  for (const [typeUrl, list] of shared) resources.set(typeUrl, [...(resources.get(typeUrl) ?? []), ...list]);
  for (const [item, versioned] of content.versioned) {
    const changed = overlay?.apply(item) ?? item;
    const resource = changed.bytes === item.bytes ? versioned : resourceOf(changed.name, changed.bytes);
    const list = resources.get(item.typeUrl);
    if (list === undefined) resources.set(item.typeUrl, [resource]);
    else list.push(resource);
  }
  return { revision: content.publication.revision, resources };
}
