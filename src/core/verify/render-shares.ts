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

/** The lines of a policy file that its unit tests reach, and those that they do not. */
export interface CoveredLines {
  readonly path: string;
  readonly covered: number;
  readonly missedLines: readonly number[];
}

/** What the tests of a tree reach of its routes, tiers, offers, rules and policy lines, as one share. */
export function coverageShare(items: readonly CoveredItem[], files: readonly CoveredLines[]): Share {
  const missedItems = items.filter(({ covered }) => !covered);
  const missedLines = files.flatMap((file) => file.missedLines.map((line) => ({ path: file.path, line })));
  const lines = files.reduce((sum, { covered, missedLines: missed }) => sum + covered + missed.length, 0);
  return {
    total: items.length + lines,
    done: items.length - missedItems.length + lines - missedLines.length,
    missing: [
      ...missedItems.map(({ kind, name, place }) => ({ what: `${kind} ${name}`, place })),
      ...missedLines.map(({ path, line }) => ({
        what: 'a line that no unit test reaches',
        place: { file: path, line, column: 1 },
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
