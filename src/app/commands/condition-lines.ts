import type { Condition } from '../../core/rollout/conditions.ts';

/** Ready first, then what somebody should know: what is stalled, cannot be fetched, or is not signed. */
export function conditionLines(conditions: readonly Condition[]): string[] {
  const worth = conditions.filter(
    ({ type, status }) =>
      type === 'Ready' ||
      (status === 'True' && (type === 'Reconciling' || type === 'Stalled' || type === 'FetchFailed')) ||
      (status === 'False' && type === 'SourceVerified'),
  );
  return worth.map(({ type, status, reason, message }) => `${type} ${status} (${reason}): ${message}`);
}
