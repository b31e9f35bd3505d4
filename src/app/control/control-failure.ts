import type { Log } from '../log.ts';

/** What hears of a failure that nobody waits for: one line of the log. A failure without a code is a bug of ours. */
export function controlFailure(log: Pick<Log, 'error'>): (cause: unknown) => void {
  return (cause) => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'internal';
    log.error({ code, cause: String(cause) }, 'control plane');
  };
}
