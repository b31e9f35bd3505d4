import { digestOfText, shortDigest } from '../base/digest.ts';
import { byCodeUnit } from '../base/text-order.ts';
import type { Resource } from './resource.ts';
import type { TypeSnapshot } from './snapshot.ts';

/** A snapshot never changes, so its version is computed once, and only where a client of that variant asks. */
const versions = new WeakMap<TypeSnapshot, string>();

/**
 * The `version_info` of a type in the state-of-the-world variant: the label that the publisher gave it, or a function
 * of the names and versions of all its resources. Equal on every replica and after a restart.
 */
export function typeVersion(type: TypeSnapshot): string {
  if (type.label !== undefined) return type.label;
  const known = versions.get(type);
  if (known !== undefined) return known;
  const version = versionOfAll(type.log.flatMap(({ resource }) => resource ?? []));
  versions.set(type, version);
  return version;
}

/**
 * The `version_info` of a response that tells the whole of a type, which may lack something of it for now, or still have
 * what goes: then it is not that of the type, and who comes back with it is not taken for current.
 */
export function stateVersion(type: TypeSnapshot, resources: readonly Resource[]): string {
  const isAll =
    resources.length === type.present &&
    resources.every(({ name, version }) => type.entries.get(name)?.resource?.version === version);
  return isAll || type.label !== undefined ? typeVersion(type) : versionOfAll(resources);
}

function versionOfAll(resources: readonly Resource[]): string {
  const lines = resources.map(({ name, version }) => JSON.stringify([name, version]));
  return shortDigest(digestOfText(lines.sort(byCodeUnit).join('\n')));
}
