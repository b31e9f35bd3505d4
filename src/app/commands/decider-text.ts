import type { ServerStatus } from '../control/server-status.ts';
import type { DeciderStatus } from '../decide/decider-status.ts';
import { plainTable, shortDigest } from './plain-table.ts';
import { changedFacts, type StandingFacts } from './standing-facts.ts';
import { describeStatus, statusChanges } from './status-text.ts';

/** What GET /status answers: a control plane says of itself, or a decider of its own. */
export type AnyStatus = ServerStatus | DeciderStatus;

export function describeAnyStatus(status: AnyStatus, nowMs: number): string {
  return 'decider' in status ? describeDecider(status) : describeStatus(status, nowMs);
}

export function anyStatusChanges(status: AnyStatus, before: AnyStatus | undefined): readonly string[] {
  if ('decider' in status) {
    return changedFacts(factsOf(status), before !== undefined && 'decider' in before ? factsOf(before) : [], 'no more');
  }
  return statusChanges(status, before !== undefined && 'decider' in before ? undefined : before);
}

const NAME_CHARACTERS = 15;

function describeDecider(status: DeciderStatus): string {
  const facts = factsOf(status).flatMap(([name, text]) =>
    text === undefined ? [] : [`${name.padEnd(NAME_CHARACTERS)}${text}`],
  );
  const engines = status.engines.map(({ pool, address, down, activeRequests }) => [
    ...[pool, address, down ? 'down' : 'up', activeRequests],
  ]);
  const table = plainTable(['pool', 'engine', 'state', 'active'], engines);
  return `${[facts.join('\n'), table].filter((block) => block !== '').join('\n\n')}\n`;
}

function factsOf(status: DeciderStatus): StandingFacts {
  const { controlPlane, live, candidate, held } = status;
  const { address, connected, failure } = controlPlane;
  return [
    ['decider', status.decider],
    ['address', status.address === '' ? 'none' : status.address],
    ['state', stateOf(status)],
    ['control plane', connected ? address : `${address}  ${failure ?? 'not connected yet'}`],
    ['live', live === undefined ? 'nothing yet' : shortDigest(live)],
    ['candidate', candidate === undefined ? undefined : shortDigest(candidate)],
    ['held', held.map(shortDigest).join(', ')],
    ['certificates', status.tls?.failure],
    ['disk', status.storeFailure],
  ];
}

function stateOf({ leaving, ready }: DeciderStatus): string {
  if (leaving) return 'leaving';
  return ready ? 'ready' : 'not ready';
}
