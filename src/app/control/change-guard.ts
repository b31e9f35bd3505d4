import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DecisionRecord } from '../../core/decide/record.ts';
import type { CommitLimits } from '../../core/ir/change-limits.ts';
import { changeDiagnostics } from '../../core/plan/change-diagnostics.ts';
import { commitLimits, type LimitedChange, limitChecks } from '../../core/plan/change-limits.ts';
import { type CorpusLine, corpusLineOf } from '../../core/plan/corpus.ts';
import { envoyChanges } from '../../core/plan/envoy-changes.ts';
import { joinedTraffic } from '../../core/plan/joined-traffic.ts';
import type { PlanSide } from '../../core/plan/plan-side.ts';
import { removalsOf } from '../../core/plan/removal.ts';
import { type TrafficChanges, trafficChanges } from '../../core/plan/traffic-changes.ts';
import { loadBundleForDecisions } from '../decider/load-bundle.ts';
import type { Bundle } from '../revision/bundle.ts';
import type { ControlPorts } from './control-ports.ts';

/** Decisions that a commit is judged by: a share of a tenth of a percent is one of them. */
const RECORDS_MAX = 1_000;
/** Fewer say nothing of shares: with three requests each is a third of the traffic. */
const RECORDS_MIN = 20;
/** Decisions that are made again in one turn: requests that come meanwhile wait for about so many milliseconds. */
const REPLAYED_PER_TURN = 10;

/**
 * Holds a commit to the ChangeLimits of what serves, and to the guard against loss.
 * @param latest the last decision records, the latest first
 */
export function createChangeGuard(latest: (count: number) => readonly DecisionRecord[]): ControlPorts['judgeChange'] {
  return async ({ live, candidate, signer }) => {
    const documents = live.ir.changeLimits;
    const limits = commitLimits(documents, signer === undefined ? { kind: 'unsigned' } : { kind: 'signed', signer });
    const removals = removalsOf(live.ir, candidate.ir);
    const change: LimitedChange = { removals, ...(await compared(limits, { live, candidate }, latest)) };
    const checks = limitChecks(limits, change);
    return { findings: changeDiagnostics(checks, removals, documents), checks };
  };
}

/** Only what a limit asks for: both comparisons cost far more than what serves needs of a commit. */
async function compared(
  limits: CommitLimits,
  { live, candidate }: { readonly live: Bundle; readonly candidate: Bundle },
  latest: (count: number) => readonly DecisionRecord[],
): Promise<Pick<LimitedChange, 'fleets' | 'traffic'>> {
  const { trafficMoved, newDenials, costPerDayUsd, teamsTouched, fleetsTouched } = limits;
  const isTraffic = [trafficMoved, newDenials, costPerDayUsd, teamsTouched].some((limit) => limit !== undefined);
  if (!isTraffic && fleetsTouched === undefined) return { fleets: [], traffic: undefined };
  const [base, head] = [await sideOf(live), await sideOf(candidate)];
  const fleets = fleetsTouched === undefined ? [] : envoyChanges(base, head);
  const corpus = isTraffic ? latest(RECORDS_MAX).flatMap((record) => corpusLineOf(record) ?? []) : [];
  return { fleets, traffic: corpus.length < RECORDS_MIN ? undefined : await replayed(base, head, corpus) };
}

async function replayed(
  base: PlanSide,
  head: PlanSide,
  corpus: readonly CorpusLine[],
): Promise<LimitedChange['traffic']> {
  const parts: TrafficChanges[] = [];
  for (let start = 0; start < corpus.length; start += REPLAYED_PER_TURN) {
    parts.push(trafficChanges(base, head, corpus.slice(start, start + REPLAYED_PER_TURN)));
    await nextTurn();
  }
  return joinedTraffic(parts, corpus);
}

/** An instance of its own: what serves is not asked. */
async function sideOf(bundle: Bundle): Promise<PlanSide> {
  const loaded = await loadBundleForDecisions(bundle);
  return { name: bundle.commit, commit: bundle.commit, ir: bundle.ir, loaded };
}
