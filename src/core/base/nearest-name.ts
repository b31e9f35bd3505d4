/** Longer names are cut for the comparison, so that a hostile name costs no more than a long one. */
const NAME_LENGTH_MAX = 64;

/** The known name that a mistyped one most likely means, or undefined when none is near. Ties go to the first in order. */
export function nearestName(mistyped: string, known: Iterable<string>): string | undefined {
  const wanted = mistyped.slice(0, NAME_LENGTH_MAX).toLowerCase();
  // A third of the letters may differ, one at the least: more than that is another word.
  let nearest: { name: string; distance: number } | undefined;
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  for (const name of known) {
    const distance = editDistance(wanted, name.slice(0, NAME_LENGTH_MAX).toLowerCase());
    if (distance <= limit && (nearest === undefined || distance < nearest.distance)) nearest = { name, distance };
  }
  return nearest?.name;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(left: string, right: string): number {
  let before: number[] = [];
  let above = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      const replaced = (above[column - 1] ?? 0) + (same ? 0 : 1);
      let best = Math.min(replaced, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) best = Math.min(best, (before[column - 2] ?? 0) + 1);
      current.push(best);
    }
    before = above;
    above = current;
  }
  return above[right.length] ?? 0;
}
