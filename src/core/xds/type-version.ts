import { digestOfText, shortDigest } from '../base/digest.ts';
import { byCodeUnit } from '../base/text-order.ts';
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
  const lines = type.log.flatMap(({ name, resource }) =>
    resource === undefined ? [] : [JSON.stringify([name, resource.version])],
  );
  const version = shortDigest(digestOfText(lines.sort(byCodeUnit).join('\n')));
  versions.set(type, version);
  return version;
}
