import { visibleText } from '../diagnostics/visible-text.ts';
import type { Origin } from '../ir/origin.ts';
import type { CoveredItem } from './coverage.ts';

/** How much of something is so, and what is not. */
export interface Share {
  readonly done: number;
  readonly total: number;
  readonly missing: readonly { readonly what: string; readonly place: Origin }[];
}

/** From 0 to 100; all of nothing is 100. */
export function percentOf({ done, total }: Share): number {
  return total === 0 ? 100 : (100 * done) / total;
}

/** The lines of a policy file that its unit tests reach and the bodies of rules that they go into, and the others. */
export interface CoveredPolicy {
  readonly path: string;
  readonly covered: number;
  readonly missedLines: readonly number[];
  readonly enteredBranches: number;
  readonly missedBranches: readonly {
    readonly rule: string;
    readonly isElse: boolean;
    readonly line: number;
    readonly column: number;
  }[];
}

/** What the tests of a tree reach of its routes, tiers, offers, rules, policy lines and branches, as one share. */
export function coverageShare(items: readonly CoveredItem[], files: readonly CoveredPolicy[]): Share {
  const missedItems = items.filter(({ covered }) => !covered);
  const missedLines = files.flatMap((file) => file.missedLines.map((line) => ({ path: file.path, line })));
  const missedBranches = files.flatMap(({ path, missedBranches: missed }) => missed.map((item) => ({ path, ...item })));
  const missing = missedItems.length + missedLines.length + missedBranches.length;
  const reached = files.reduce((sum, { covered, enteredBranches }) => sum + covered + enteredBranches, 0);
  const done = items.length - missedItems.length + reached;
  return {
    total: done + missing,
    done,
    missing: [
      ...missedItems.map(({ kind, name, place }) => ({ what: `${kind} ${name}`, place })),
      ...missedLines.map(({ path, line }) => ({
        what: 'a line that no unit test reaches',
        place: { file: path, line, column: 1 },
      })),
      ...missedBranches.map(({ path, rule, isElse, line, column }) => ({
        what: `${isElse ? 'an "else"' : 'a body'} of ${rule} that no unit test goes into`,
        place: { file: path, line, column },
      })),
    ],
  };
}

/** The share in per cent, and a line for each thing that is missing. */
export function shareLines(title: string, missingTitle: string, share: Share): string[] {
  const missing = share.missing.map(
    ({ what, place: { file, line, column } }) => `  ${missingTitle}: ${file}:${line}:${column}  ${visibleText(what)}`,
  );
  return ['', `${title}: ${percentOf(share).toFixed(1)} % (${share.done} of ${share.total})`, ...missing];
}
