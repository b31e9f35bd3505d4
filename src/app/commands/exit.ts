import { AssertionFailure } from '../../core/base/assert.ts';

/** Something is wrong with what was looked at: errors in the tree, a story step that did not hold. */
export const EXIT_FINDINGS = 1;
/** The command line is wrong, or the command itself could not do its work. */
export const EXIT_USAGE = 2;

/** Ends the command after a failure of the world: its code and message, no stack. A bug shows its stack. */
export function reportFailure(cause: unknown): void {
  process.exitCode = EXIT_USAGE;
  if (cause instanceof AssertionFailure) {
    console.error(cause.stack);
    return;
  }
  console.error(`headgate: ${describeFailure(cause)}`);
}

/** One line for a failure and what caused it, each with its code. */
export function describeFailure(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause && typeof cause.code === 'string' ? ` [${cause.code}]` : '';
  const reason = cause.cause === undefined ? '' : `: ${describeFailure(cause.cause)}`;
  return `${cause.message}${code}${reason}`;
}
