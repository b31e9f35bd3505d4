/** A line of the printed text; a comment behind it is kept apart until all lines are known. */
export interface PrintedLine {
  readonly text: string;
  readonly comment?: string;
}

export const BLANK: PrintedLine = { text: '' };

/** Two, as linters of YAML ask for. */
const COMMENT_GAP = 2;

/** The lines as text. Comments behind neighbouring lines start in one column; no two blank lines follow each other. */
export function joinLines(lines: readonly PrintedLine[]): string {
  const kept = lines.filter((line, index) => line !== BLANK || (index > 0 && lines[index - 1] !== BLANK));
  while (kept.at(-1) === BLANK) kept.pop();
  const texts = kept.map((line, index) => {
    if (line.comment === undefined) return line.text;
    return `${line.text.padEnd(runWidth(kept, index) + COMMENT_GAP)}${line.comment}`;
  });
  return texts.map((text) => `${text}\n`).join('');
}

/** The longest text of the neighbours, above and below, that carry a comment too. */
function runWidth(lines: readonly PrintedLine[], index: number): number {
  let first = index;
  while (lines[first - 1]?.comment !== undefined) first -= 1;
  let last = index;
  while (lines[last + 1]?.comment !== undefined) last += 1;
  return Math.max(...lines.slice(first, last + 1).map(({ text }) => text.length));
}

/** The lines of a comment as the parser gives it: without `#`, an empty line for a blank one. */
export function commentLines(comment: string | null | undefined, indent: number): PrintedLine[] {
  if (comment === null || comment === undefined) return [];
  return comment.split('\n').map((line) => (line === '' ? BLANK : { text: `${' '.repeat(indent)}${hash(line)}` }));
}

export function hash(line: string): string {
  return `#${line}`.trimEnd();
}
