import type { ChangeLimits } from '../ir/change-limits.ts';
import { originOf } from './build-origin.ts';
import type { DocumentOf } from './document.ts';

export function buildChangeLimits(document: DocumentOf<'ChangeLimits'>): ChangeLimits {
  const { trafficMoved, newDenials, costPerDayUsd, fleetsTouched, teamsTouched } = document.spec.perCommit;
  return {
    name: document.name,
    origin: originOf(document),
    perCommit: {
      ...(trafficMoved === undefined ? {} : { trafficMoved: shareOf(trafficMoved) }),
      ...(newDenials === undefined ? {} : { newDenials: shareOf(newDenials) }),
      ...(costPerDayUsd === undefined ? {} : { costPerDayUsd }),
      ...(fleetsTouched === undefined ? {} : { fleetsTouched }),
      ...(teamsTouched === undefined ? {} : { teamsTouched }),
    },
  };
}

/** `0.1%` is 0.001. */
function shareOf(percent: string): number {
  return Number(percent.slice(0, -1)) / 100;
}
