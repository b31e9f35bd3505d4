import { sortedBy } from '../base/text-order.ts';

/**
 * Which parts of `input` a policy reads: paths below `input`, each step a key or `*` for any key or index. The empty
 * path is the whole document. Sorted, without a path that another one covers.
 */
export type InputReads = readonly (readonly string[])[];

/** Whether the policy may look at the given path, or at anything around or below it. */
export function readsInput(reads: InputReads, path: readonly string[]): boolean {
  return reads.some((read) => overlaps(read, path));
}

/** The reads of several policies together, in the form of InputReads. */
export function unitedReads(all: Iterable<InputReads>): InputReads {
  const byText = new Map<string, readonly string[]>();
  for (const reads of all) for (const read of reads) byText.set(JSON.stringify(read), read);
  const paths = [...byText.values()];
  const minimal = paths.filter((path) => !paths.some((other) => other.length < path.length && covers(other, path)));
  return sortedBy(minimal, (path) => JSON.stringify(path));
}

function overlaps(left: readonly string[], right: readonly string[]): boolean {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    if (left[index] !== right[index] && left[index] !== '*' && right[index] !== '*') return false;
  }
  return true;
}

function covers(shorter: readonly string[], longer: readonly string[]): boolean {
  return shorter.every((step, index) => step === '*' || step === longer[index]);
}
