import { pino } from 'pino';

/** The process's log: one JSON object a line on standard error, fields first. No text of a request ever goes in. */
export type Log = Pick<ReturnType<typeof pino>, 'info' | 'warn' | 'error'>;

export function createLog(level: string): Log {
  return pino({ level, base: null }, pino.destination({ dest: 2, sync: true }));
}
