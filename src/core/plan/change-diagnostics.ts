import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import type { ChangeLimits } from '../ir/change-limits.ts';
import type { LimitCheck } from './change-limits.ts';
import { limitText } from './plan-sentences.ts';
import type { Removal } from './removal.ts';

/** Without a limit of its own a change may remove half of what there is, and so many in any case. */
const REMOVED_SHARE_MAX = 0.5;
const REMOVED_COUNT_FREE = 3;

const FORCE = 'or let this one commit pass: headgate reconcile --force';

/** Why a change may not follow what serves: limits that it breaches (HG6006), and too much that it removes (HG6007). */
export function changeDiagnostics(
  checks: readonly LimitCheck[],
  removals: readonly Removal[],
  documents: readonly ChangeLimits[],
): Diagnostic[] {
  const breached = checks.filter(({ isBreached }) => isBreached);
  const isLimited = checks.some(({ limit }) => limit === 'removed');
  const tooMuch = removals.filter(({ share, removed }) => share > REMOVED_SHARE_MAX && removed > REMOVED_COUNT_FREE);
  const related = documents.map(({ name, origin }) => ({
    message: `the limits "${name}" that serve`,
    span: at(origin),
  }));
  return [
    ...breached
      .filter(({ limit }) => limit !== 'removed')
      .map((check) => {
        const hint = `make the change in steps, raise the limit in a commit of its own, ${FORCE}`;
        return diagnostic('HG6006', NO_PLACE, `the commit changes too much: ${limitText(check)}`, { related, hint });
      }),
    ...breached
      .filter(({ limit }) => limit === 'removed')
      .map((check) => removal(`${limitText(check)}: ${removedText(removals[0])}`, related)),
    ...(isLimited ? [] : tooMuch.map((each) => removal(`${removedText(each)}, half of them allowed`, []))),
  ];
}

/** The change as a whole has no line. */
const NO_PLACE = { file: '(compiled)', start: { line: 1, column: 1 }, end: { line: 1, column: 2 } };

function removal(what: string, related: Diagnostic['related']): Diagnostic {
  const hint = `remove them in several commits, ${FORCE}`;
  return diagnostic('HG6007', NO_PLACE, `the commit removes too much: ${what}`, { related, hint });
}

function removedText(removed: Removal | undefined): string {
  return removed === undefined ? 'nothing' : `${removed.removed} of ${removed.before} ${removed.what}`;
}

function at({ file, line, column }: ChangeLimits['origin']): Diagnostic['span'] {
  return { file, start: { line, column }, end: { line, column: column + 1 } };
}
