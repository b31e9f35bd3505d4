import type { ChangeLimits, CommitLimits } from '../ir/change-limits.ts';
import { originOf } from './build-origin.ts';
import type { DocumentOf } from './document.ts';

export function buildChangeLimits(document: DocumentOf<'ChangeLimits'>): ChangeLimits {
  const { perCommit, unsigned, signers = [] } = document.spec;
  return {
    name: document.name,
    origin: originOf(document),
    perCommit: limitsOf(perCommit),
    ...(unsigned === undefined ? {} : { unsigned: limitsOf(unsigned) }),
    signers: signers.map(({ key, ...limits }) => ({ signer: key, limits: limitsOf(limits) })),
  };
}

function limitsOf(written: DocumentOf<'ChangeLimits'>['spec']['perCommit']): CommitLimits {
  const { trafficMoved, newDenials, costPerDayUsd, fleetsTouched, teamsTouched, removed } = written;
  return {
    ...(trafficMoved === undefined ? {} : { trafficMoved: shareOf(trafficMoved) }),
    ...(newDenials === undefined ? {} : { newDenials: shareOf(newDenials) }),
    ...(costPerDayUsd === undefined ? {} : { costPerDayUsd }),
    ...(fleetsTouched === undefined ? {} : { fleetsTouched }),
    ...(teamsTouched === undefined ? {} : { teamsTouched }),
    ...(removed === undefined ? {} : { removed: shareOf(removed) }),
  };
}

/** `0.1%` is 0.001. */
function shareOf(percent: string): number {
  return Number(percent.slice(0, -1)) / 100;
}
