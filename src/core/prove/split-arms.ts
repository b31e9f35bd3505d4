import type { ArmRow, TierRow } from '../tables/tables.ts';

/** The arms of each tier that one request can get: its point in the hash range falls into one arm of every tier. */
export function armChoices(tiers: readonly Pick<TierRow, 'arms'>[]): number[][] {
  const ends = tiers.map(({ arms }) => shareEnds(arms));
  const borders = [...new Set(ends.flat())].sort((left, right) => left - right);
  return borders.map((border, index) => {
    const middle = ((borders[index - 1] ?? 0) + border) / 2;
    return ends.map((tier) => tier.findIndex((end) => middle < end));
  });
}

/** Where the share of each arm ends, from 0 to 1. */
function shareEnds(arms: readonly ArmRow[]): number[] {
  const total = arms.reduce((weights, arm) => weights + arm.weight, 0);
  let sum = 0;
  return arms.map((arm) => {
    sum += arm.weight;
    return sum / total;
  });
}
