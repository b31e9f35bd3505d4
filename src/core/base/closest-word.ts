/** Words longer than this are compared by their first characters: the cost of one comparison stays bounded. */
const COMPARED_LENGTH_MAX = 64;

/**
 * The candidate that is most likely meant by a mistyped word: two edits per five characters at most, four in all (a swap
 * of two neighbours counts as one); of several that are equally near the first by code unit; undefined for none.
 */
export function closestWord(word: string, candidates: Iterable<string>): string | undefined {
  let nearest = Math.max(1, Math.min(4, Math.floor(word.length * 0.4)));
  let best: string | undefined;
  for (const candidate of candidates) {
    if (candidate === word || Math.abs(candidate.length - word.length) > nearest) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), nearest);
    if (distance > nearest || (distance === nearest && best !== undefined && best < candidate)) continue;
    nearest = distance;
    best = candidate;
  }
  return best;
}

/** Insertions, deletions, substitutions and swaps of neighbours; anything above the limit counts as limit + 1. */
function editDistance(left: string, right: string, limit: number): number {
  const a = left.slice(0, COMPARED_LENGTH_MAX);
  const b = right.slice(0, COMPARED_LENGTH_MAX);
  let rows: Rows = { before: [], previous: Array.from({ length: b.length + 1 }, (_, index) => index) };
  for (let row = 1; row <= a.length; row += 1) {
    const current = nextRow(rows, a, b, row);
    if (Math.min(...current) > limit) return limit + 1;
    rows = { before: rows.previous, previous: current };
  }
  return Math.min(rows.previous[b.length] ?? 0, limit + 1);
}

interface Rows {
  readonly before: readonly number[];
  readonly previous: readonly number[];
}

/** The costs of turning the first `row` characters of `a` into each beginning of `b`. */
function nextRow(rows: Rows, a: string, b: string, row: number): number[] {
  const current = [row];
  for (let column = 1; column <= b.length; column += 1) {
    const replace = at(rows.previous, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
    const cost = Math.min(at(rows.previous, column) + 1, at(current, column - 1) + 1, replace);
    const swapped = row > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
    current.push(swapped ? Math.min(cost, at(rows.before, column - 2) + 1) : cost);
  }
  return current;
}

function at(costs: readonly number[], index: number): number {
  return costs[index] ?? 0;
}
