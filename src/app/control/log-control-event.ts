import type { Log } from '../log.ts';
import type { ControlEvent } from './control-event.ts';

/** One line of the log: what is wrong stands in it as text, for people. */
export function logControlEvent(log: Pick<Log, 'info'>, event: ControlEvent): void {
  const { kind, ...fields } = event;
  log.info({ ...fields, findings: undefined }, `revision ${kind}`);
}
