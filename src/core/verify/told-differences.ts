import type { Decision } from '../decide/decide.ts';
import type { Route } from '../ir/route.ts';
import type { TestDetails } from '../ir/test-case.ts';
import { different } from './different.ts';

/** What Envoy is told of tries and waits, where it is not as a case expects; `route` is the route of the decision. */
export function toldDifferences(
  { retry = {}, timeouts = {} }: Pick<TestDetails, 'retry' | 'timeouts'>,
  decision: Decision,
  route: Pick<Route, 'retry' | 'timeouts'> | undefined,
): string[] {
  const allowed = decision.kind === 'allowed' ? decision : undefined;
  const told = allowed === undefined ? undefined : route;
  return [
    ...different('retry.attempts', numberText(retry.attempts), numberText(allowed?.attempts.length)),
    ...different('retry.on', retry.on?.join(', '), told?.retry.on.join(', ')),
    ...different('timeouts.try', waitText(timeouts.tryMs), waitText(allowed?.perTryTimeoutMs)),
    ...different('timeouts.idle', waitText(timeouts.idleMs), waitText(told?.timeouts.idleMs)),
    ...different('timeouts.total', waitText(timeouts.totalMs), waitText(told?.timeouts.totalMs)),
  ];
}

function numberText(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function waitText(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${value} ms`;
}
