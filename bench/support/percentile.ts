import { present } from '../../src/core/base/assert.ts';

/** The value below or at which this share (0 to 1) of the values lies, by nearest rank. There must be a value. */
export function percentile(values: Iterable<number>, share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return present(sorted[rank - 1], 'a value');
}

export function median(values: Iterable<number>): number {
  return percentile(values, 0.5);
}
