/** Compares by code unit: the order in which we sort before we hash, serve or print. Independent of locale. */
export function byCodeUnit(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** A copy sorted by the text that `key` gives. */
export function sortedBy<T>(items: Iterable<T>, key: (item: T) => string): T[] {
  return [...items].sort((left, right) => byCodeUnit(key(left), key(right)));
}
