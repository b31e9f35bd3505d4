import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidArgumentError } from 'commander';
import { CONDITION_TYPES, type ConditionStatus, type ConditionType } from '../../core/rollout/conditions.ts';
import type { ServerStatus } from '../control/server-status.ts';
import { askPage } from './server-client.ts';

/** What a pipeline waits for. */
export interface WantedStatus {
  readonly condition: WantedCondition;
  /** This commit shall be the one that serves: its digits, or as many as tell it from others. */
  readonly commit?: string;
}

export interface WantedCondition {
  readonly type: ConditionType;
  readonly status: ConditionStatus;
}

/** Reads `Ready` or `Reconciling=False`. */
export function conditionOption(text: string): WantedCondition {
  const [word, value = 'True', ...more] = text.split('=');
  const type = CONDITION_TYPES.find((each) => each === word);
  const status = (['True', 'False', 'Unknown'] as const).find((each) => each === value);
  if (type !== undefined && status !== undefined && more.length === 0) return { type, status };
  throw new InvalidArgumentError(`write one of ${CONDITION_TYPES.join(', ')}, with =False for its contrary`);
}

/** `failed`: it will not come about by itself. */
export function outcomeOf(status: ServerStatus, { condition, commit }: WantedStatus): 'met' | 'failed' | 'open' {
  const { live, newest } = status;
  const isThere = status.conditions.some((each) => each.type === condition.type && each.status === condition.status);
  if (commit === undefined) return isThere ? 'met' : 'open';
  if (isThere && live?.commit.startsWith(commit)) return 'met';
  const isStopped = newest?.kind === 'rejected' || newest?.kind === 'frozen';
  return isStopped && newest.commit.startsWith(commit) ? 'failed' : 'open';
}

const LOOK_INTERVAL_MS = 1_000;

export interface WaitedStatus {
  readonly outcome: 'met' | 'failed' | 'open';
  readonly status: ServerStatus;
}

/** Asks until it came about, will not, or the time is over. Throws as askPage does where no answer came by then. */
export async function waitForStatus(
  server: string,
  wanted: WantedStatus,
  timeoutMs: number,
  intervalMs = LOOK_INTERVAL_MS,
): Promise<WaitedStatus> {
  const endMs = performance.now() + timeoutMs;
  while (true) {
    const isLast = performance.now() + intervalMs > endMs;
    const asked = await askPage(server, 'GET', '/status').catch((cause: unknown) => {
      // It may be starting just now.
      if (isLast) throw cause;
      return undefined;
    });
    const status = asked?.body as ServerStatus | undefined;
    const outcome = status === undefined ? 'open' : outcomeOf(status, wanted);
    if (status !== undefined && (outcome !== 'open' || isLast)) return { outcome, status };
    await sleep(intervalMs);
  }
}
