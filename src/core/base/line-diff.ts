/** A line of both texts, or of one of them. */
interface Edit {
  readonly sign: ' ' | '-' | '+';
  readonly line: string;
}

/** Lines around a change that are shown with it. */
const CONTEXT = 3;
/** Above this many changed lines the middle is shown as replaced: nobody reads such a difference line by line. */
const EDITS_MAX = 1000;

/** The difference of two texts as `patch` and `git apply` read it; empty where they are equal. */
export function lineDiff(path: string, before: string, after: string): string {
  if (before === after) return '';
  const edits = editsOf(linesOf(before), linesOf(after));
  return [`--- a/${path}`, `+++ b/${path}`, ...hunks(edits)].map((line) => `${line}\n`).join('');
}

/** A last line without a line break carries the mark that says so. */
function linesOf(text: string): string[] {
  const lines = text.split('\n');
  const last = lines.pop();
  return last === undefined || last === '' ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}

function editsOf(before: readonly string[], after: readonly string[]): Edit[] {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < Math.min(before.length, after.length) - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const middle = changed(before.slice(start, before.length - end), after.slice(start, after.length - end));
  return [...same(before.slice(0, start)), ...middle, ...same(before.slice(before.length - end))];
}

function same(lines: readonly string[]): Edit[] {
  return lines.map((line) => ({ sign: ' ', line }));
}

/** The shortest way from one text to the other: Myers, "An O(ND) Difference Algorithm and Its Variations" (1986). */
function changed(before: readonly string[], after: readonly string[]): Edit[] {
  const trace: Map<number, number>[] = [];
  let reached = new Map([[1, 0]]);
  for (let depth = 0; depth <= EDITS_MAX; depth += 1) {
    trace.push(reached);
    const next = new Map(reached);
    for (let diagonal = -depth; diagonal <= depth; diagonal += 2) {
      let at = stepsDown(reached, diagonal, depth)
        ? furthest(reached, diagonal + 1)
        : furthest(reached, diagonal - 1) + 1;
      while (at < before.length && at - diagonal < after.length && before[at] === after[at - diagonal]) at += 1;
      next.set(diagonal, at);
      if (at >= before.length && at - diagonal >= after.length) return walkedBack(trace, before, after);
    }
    reached = next;
  }
  return [
    ...before.map((line) => ({ sign: '-', line }) as const),
    ...after.map((line) => ({ sign: '+', line }) as const),
  ];
}

/** Whether the furthest way onto the diagonal adds a line, rather than drops one. */
function stepsDown(reached: ReadonlyMap<number, number>, diagonal: number, depth: number): boolean {
  return (
    diagonal === -depth || (diagonal !== depth && furthest(reached, diagonal - 1) < furthest(reached, diagonal + 1))
  );
}

function furthest(reached: ReadonlyMap<number, number>, diagonal: number): number {
  return reached.get(diagonal) ?? 0;
}

function walkedBack(
  trace: readonly ReadonlyMap<number, number>[],
  before: readonly string[],
  after: readonly string[],
): Edit[] {
  const edits: Edit[] = [];
  let left = before.length;
  let diagonal = left - after.length;
  for (const [depth, reached] of [...trace.entries()].slice(1).reverse()) {
    const down = stepsDown(reached, diagonal, depth);
    const fromDiagonal = down ? diagonal + 1 : diagonal - 1;
    const from = furthest(reached, fromDiagonal);
    const landed = down ? from : from + 1;
    edits.push(...same(before.slice(landed, left)).reverse());
    edits.push(down ? { sign: '+', line: after[from - fromDiagonal] ?? '' } : { sign: '-', line: before[from] ?? '' });
    left = from;
    diagonal = fromDiagonal;
  }
  return [...same(before.slice(0, left)), ...edits.reverse()];
}

function hunks(edits: readonly Edit[]): string[] {
  const shown = edits.map((_edit, index) =>
    edits.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ sign }) => sign !== ' '),
  );
  const lines: string[] = [];
  let place = { before: 1, after: 1 };
  let hunk: Edit[] = [];
  let start = place;
  for (const [index, edit] of edits.entries()) {
    if (shown[index] && hunk.length === 0) start = place;
    if (shown[index]) hunk.push(edit);
    place = { before: place.before + (edit.sign === '+' ? 0 : 1), after: place.after + (edit.sign === '-' ? 0 : 1) };
    if (hunk.length > 0 && !shown[index + 1]) {
      lines.push(header(start, hunk), ...hunk.map(({ sign, line }) => `${sign}${line}`));
      hunk = [];
    }
  }
  return lines;
}

function header(start: { readonly before: number; readonly after: number }, hunk: readonly Edit[]): string {
  const [before, after] = (['-', '+'] as const).map((sign) => hunk.filter((edit) => edit.sign !== sign).length);
  // The count without '-' lines is that of the new text, and the other way round.
  return `@@ -${range(start.before, after ?? 0)} +${range(start.after, before ?? 0)} @@`;
}

function range(start: number, count: number): string {
  return `${count === 0 ? start - 1 : start},${count}`;
}
