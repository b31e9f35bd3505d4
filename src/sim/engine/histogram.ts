/** A Prometheus histogram: how many values were at most each bound, with their sum and count. */
export interface Histogram {
  readonly boundsSeconds: readonly number[];
  readonly counts: number[];
  sumSeconds: number;
  count: number;
}

export function createHistogram(boundsSeconds: readonly number[]): Histogram {
  return { boundsSeconds, counts: boundsSeconds.map(() => 0), sumSeconds: 0, count: 0 };
}

export function observe(histogram: Histogram, valueSeconds: number): void {
  histogram.sumSeconds += valueSeconds;
  histogram.count += 1;
  for (const [index, bound] of histogram.boundsSeconds.entries()) {
    if (valueSeconds <= bound) histogram.counts[index] = (histogram.counts[index] ?? 0) + 1;
  }
}
