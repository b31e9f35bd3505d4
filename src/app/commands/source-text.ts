import type { SourceControlState } from '../source/source-control.ts';
import type { SourceStatus } from '../source/source-status.ts';
import { ageText, timeText } from './age-text.ts';
import { shortCommit } from './plain-table.ts';

/** The source for people, a line for each thing; the first one names it. */
export function sourceLines(source: SourceStatus, nowMs: number): string[] {
  const { revision, fetchedAtMs, fetchFailed, failure, verified, revert } = source;
  const fetched = fetchedAtMs === undefined ? '' : `, fetched ${ageText(nowMs - fetchedAtMs)} ago`;
  const lines = [`${source.url} ${source.ref}${revision === undefined ? '' : `  ${revision}${fetched}`}`];
  if (fetchFailed !== undefined) {
    const { reason, sinceMs, count, message } = fetchFailed;
    const times = count === 1 ? '' : `, ${count} times in ${ageText(nowMs - sinceMs)}`;
    lines.push(`FetchFailed ${reason}${times}: ${message}`);
  } else if (failure !== undefined) lines.push(failure);
  if (verified?.status === 'True') lines.push(`${shortCommit(verified.commit)} is signed by ${verified.signer}`);
  if (verified?.status === 'False') lines.push(`not verified: ${shortCommit(verified.commit)} ${verified.message}`);
  if (revert !== undefined) lines.push(revertLine(revert));
  return [...lines, ...orderLines(source, nowMs)];
}

function revertLine(revert: NonNullable<SourceStatus['revert']>): string {
  const where = revert.pushed ? 'pushed' : `not pushed: ${revert.why}`;
  return `taken back by ${revert.branch} (${where})`;
}

/** What operators ordered of the source. */
export function orderLines({ suspended, pinned, override }: SourceControlState, nowMs: number): string[] {
  const lines: string[] = [];
  if (suspended !== undefined) lines.push(`suspended ${ageText(nowMs - suspended.sinceMs)} ago: ${suspended.reason}`);
  if (pinned !== undefined) lines.push(`pinned to ${pinned.commit} ${ageText(nowMs - pinned.sinceMs)} ago`);
  if (override !== undefined) {
    const what = override.from.kind === 'commit' ? override.from.commit : override.from.directory;
    const left = `${ageText(override.untilMs - nowMs)} left, until ${timeText(override.untilMs)}`;
    lines.push(`overridden by ${what} (${left}): ${override.reason}`);
  }
  return lines;
}
