/** Unchanged lines that are shown around a change. */
const CONTEXT_LINES = 3;

/** A run of lines that differ: where it begins in each text (from 0), and how many lines it has there. */
interface Change {
  readonly before: number;
  readonly removed: number;
  readonly after: number;
  readonly added: number;
}

/**
 * A unified diff of one file whose lines were edited in place, as `patch` reads it; empty where nothing differs. Both
 * texts must be the same but for short runs of lines.
 */
export function textDiff(file: string, before: string, after: string): string {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const changes = changesBetween(old, fresh);
  if (changes.length === 0) return '';
  const hunks = grouped(changes).map((hunk) => renderHunk(hunk, old, fresh));
  return [`--- a/${file}`, `+++ b/${file}`, ...hunks.flat(), ''].join('\n');
}

/** A last line without a line break carries the mark that says so. */
function linesOf(text: string): string[] {
  const lines = text.split('\n');
  const last = lines.pop();
  return last === undefined || last === '' ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}

function changesBetween(old: readonly string[], fresh: readonly string[]): Change[] {
  const changes: Change[] = [];
  let [at, now] = [0, 0];
  while (at < old.length || now < fresh.length) {
    if (old[at] === fresh[now]) {
      at += 1;
      now += 1;
      continue;
    }
    const [removed, added] = nextMeeting(old, fresh, at, now);
    changes.push({ before: at, removed, after: now, added });
    at += removed;
    now += added;
  }
  return changes;
}

/** How many lines each text must skip until the two agree again, as few as can be. */
function nextMeeting(old: readonly string[], fresh: readonly string[], at: number, now: number): [number, number] {
  const longest = old.length - at + fresh.length - now;
  for (let skipped = 1; skipped < longest; skipped += 1) {
    for (let removed = Math.min(skipped, old.length - at); removed >= 0; removed -= 1) {
      const added = skipped - removed;
      if (now + added >= fresh.length || at + removed >= old.length) continue;
      if (old[at + removed] === fresh[now + added]) return [removed, added];
    }
  }
  return [old.length - at, fresh.length - now];
}

function grouped(changes: readonly Change[]): Change[][] {
  const hunks: Change[][] = [];
  for (const change of changes) {
    const last = hunks.at(-1);
    const previous = last?.at(-1);
    const near = previous !== undefined && change.before - previous.before - previous.removed <= 2 * CONTEXT_LINES;
    if (last !== undefined && near) last.push(change);
    else hunks.push([change]);
  }
  return hunks;
}

function renderHunk(changes: readonly Change[], old: readonly string[], fresh: readonly string[]): string[] {
  const [first, last] = [changes[0], changes.at(-1)];
  if (first === undefined || last === undefined) return [];
  const start = Math.max(0, first.before - CONTEXT_LINES);
  const end = Math.min(old.length, last.before + last.removed + CONTEXT_LINES);
  const lines: string[] = [];
  let at = start;
  for (const { before, removed, after, added } of changes) {
    lines.push(...old.slice(at, before).map((line) => ` ${line}`));
    lines.push(...old.slice(before, before + removed).map((line) => `-${line}`));
    lines.push(...fresh.slice(after, after + added).map((line) => `+${line}`));
    at = before + removed;
  }
  lines.push(...old.slice(at, end).map((line) => ` ${line}`));
  const grown = changes.reduce((sum, { removed, added }) => sum + added - removed, 0);
  const freshStart = first.after - (first.before - start);
  return [`@@ -${start + 1},${end - start} +${freshStart + 1},${end - start + grown} @@`, ...lines];
}
