import { styleText } from 'node:util';
import type { Check, Step, StepResult } from './step.ts';

/** What became of a step: its result, or why it has none. */
export type StepEnd =
  | { readonly kind: 'done'; readonly result: StepResult }
  | { readonly kind: 'failed'; readonly message: string };

/** Whether a step held: it came to its end, and each of its checks holds. */
export function stepHeld(end: StepEnd): boolean {
  return end.kind === 'done' && end.result.checks.every(({ holds }) => holds);
}

/** The head of a step, shown before it runs. */
export function headLine({ letter, title }: Step): string {
  return styleText('bold', `(${letter}) ${title}`);
}

/** What was done and seen, what held, and how long it took. */
export function stepLines(end: StepEnd, elapsedMs: number): string[] {
  const time = styleText('dim', `    ${(elapsedMs / 1_000).toFixed(1)} s`);
  if (end.kind === 'failed') return [failure('the step came to no end'), ...indented(end.message), time];
  const { did, saw, checks } = end.result;
  return [...indented(did.join('\n')), '', ...indented(saw.join('\n')), '', ...checks.flatMap(checkLines), time];
}

function checkLines({ what, expected, seen, holds }: Check): string[] {
  if (holds) return [`    ${styleText('green', '✔')} ${what}`];
  return [failure(what), `      expected: ${expected}`, `      seen:     ${seen}`];
}

function failure(what: string): string {
  return `    ${styleText('red', '✘')} ${what}`;
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => (line === '' ? '' : `    ${line}`));
}
