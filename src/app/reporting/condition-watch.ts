import { Gauge, type Registry } from 'prom-client';
import { CONDITION_TYPES, type Condition, type ConditionFacts, conditionsOf } from '../../core/rollout/conditions.ts';
import type { RevisionLedger } from '../../core/rollout/revision-ledger.ts';
import type { SourceStatus } from '../source/source-status.ts';
import type { ReportedProxy } from './fleet-progress.ts';

/** The parts of the process that conditions speak of. */
export interface ConditionSources {
  readonly ledger: () => RevisionLedger;
  /** The diagnostics of the newest commit, as text. */
  readonly diagnostics: () => string;
  readonly source: () => SourceStatus;
  readonly proxies: () => readonly ReportedProxy[];
  readonly isPaused: () => boolean;
  readonly nowMs: () => number;
}

/** The conditions of this process, with the times of their changes. */
export interface ConditionWatch {
  /** As they are now. */
  readonly current: () => readonly Condition[];
}

/** A proxy that takes longer than this to say what it thinks of a revision needs somebody to look at it. */
const OVERDUE_MS = 60_000;

/** @param registry where `headgate_condition` is put */
export function watchConditions(sources: ConditionSources, registry: Registry): ConditionWatch {
  let last: readonly Condition[] = [];
  /** Since when a proxy does not have what it is offered. */
  let behindSinceMs: number | undefined;
  const current = (): readonly Condition[] => {
    const nowMs = sources.nowMs();
    const facts = factsOf(sources);
    const isBehind = facts.proxies.current < facts.proxies.connected;
    behindSinceMs = isBehind ? (behindSinceMs ?? nowMs) : undefined;
    const isOverdue = behindSinceMs !== undefined && nowMs - behindSinceMs > OVERDUE_MS;
    const rollout = { isOverdue, isPaused: sources.isPaused() };
    last = conditionsOf({ ...facts, rollout }, last, new Date(nowMs).toISOString());
    return last;
  };
  const gauge = new Gauge({
    name: 'headgate_condition',
    help: 'The conditions of GitOps tools: 1 for the status that each has, 0 for the others.',
    labelNames: ['type', 'status'],
    registers: [registry],
    collect: () => {
      for (const { type, status } of current()) {
        for (const each of ['True', 'False', 'Unknown']) gauge.set({ type, status: each }, each === status ? 1 : 0);
      }
    },
  });
  for (const type of CONDITION_TYPES) gauge.set({ type, status: 'Unknown' }, 1);
  return { current };
}

function factsOf(sources: ConditionSources): ConditionFacts {
  const { newest, live } = sources.ledger();
  const { commit, revision, fetchFailed, verified, suspended } = sources.source();
  const problem = firstLine(sources.diagnostics());
  const served = sources.proxies().filter(({ held, offered }) => held === undefined && offered !== undefined);
  const current = served.filter(({ offered, fullyAcknowledged }) => offered === fullyAcknowledged).length;
  return {
    source: {
      ...(commit === undefined ? {} : { commit }),
      ...(revision === undefined ? {} : { revision }),
      ...(fetchFailed === undefined ? {} : { failure: fetchFailed }),
      ...(verified === undefined ? {} : { verified }),
      ...(suspended === undefined ? {} : { suspended }),
    },
    ...(newest === undefined ? {} : { newest }),
    ...(live === undefined ? {} : { live }),
    ...(problem === '' ? {} : { problem }),
    proxies: { connected: served.length, current },
  };
}

function firstLine(text: string): string {
  return text.slice(0, text.includes('\n') ? text.indexOf('\n') : undefined);
}
