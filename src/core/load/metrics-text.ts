import { type Figure, METRIC_NAMES, type MetricNames, type MetricSource } from './metric-names.ts';
import type { EngineReport } from './report.ts';

/**
 * What the metrics of an engine say, from its Prometheus text (exposition format 0.0.4). Only the lines that a report
 * needs are read. A figure that is not there, not finite or negative is left out, so a text that is no metrics at all
 * gives an empty report.
 */
export function parseMetrics(engine: keyof typeof METRIC_NAMES, text: string): Omit<EngineReport, 'atMs'> {
  const names = METRIC_NAMES[engine];
  const samples = neededSamples(text, NEEDED[engine]);
  const report: Partial<Record<Figure, number>> = {};
  for (const [figure, sources] of Object.entries(names) as [Figure, readonly MetricSource[]][]) {
    const values = sources.map((source) => figureOf(source, samples.get(source.metric) ?? []));
    const value = values.find((each) => each !== undefined);
    if (value !== undefined) report[figure] = value;
  }
  if (report.kvUsage !== undefined) report.kvUsage = Math.min(report.kvUsage, 1);
  return report;
}

interface Sample {
  readonly labels: string;
  readonly value: number;
}

const HASH = 0x23;

function neededSamples(text: string, needed: ReadonlySet<string>): ReadonlyMap<string, readonly Sample[]> {
  const samples = new Map<string, Sample[]>();
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    if (text.charCodeAt(start) !== HASH) {
      const nameEnd = endOfName(text, start, end);
      const name = text.slice(start, nameEnd);
      if (needed.has(name)) {
        const sample = parseSample(text.slice(nameEnd, end));
        if (sample !== undefined) samples.set(name, [...(samples.get(name) ?? []), sample]);
      }
    }
    start = end + 1;
  }
  return samples;
}

const BRACE = 0x7b;
const SPACE = 0x20;

function endOfName(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && text.charCodeAt(at) !== BRACE && text.charCodeAt(at) !== SPACE) at += 1;
  return at;
}

/** `{label="value",...} value [timestamp]`: a label may hold braces and spaces, what follows the last one may not. */
function parseSample(rest: string): Sample | undefined {
  const labelsEnd = rest.lastIndexOf('}') + 1;
  const value = Number(rest.slice(labelsEnd).trim().split(/\s+/, 1)[0] || Number.NaN);
  return Number.isFinite(value) && value >= 0 ? { labels: rest.slice(0, labelsEnd), value } : undefined;
}

function figureOf(source: MetricSource, samples: readonly Sample[]): number | undefined {
  const { label } = source;
  const values =
    label === undefined
      ? samples.map(({ value }) => value)
      : samples.map(({ labels }) => labelNumber(labels, label)).filter((value) => value !== undefined);
  if (values.length === 0) return undefined;
  const sum = values.reduce((left, right) => left + right, 0);
  return source.over === 'mean' ? sum / values.length : sum;
}

function labelNumber(labels: string, label: string): number | undefined {
  for (const [, name, value] of labels.matchAll(/([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
    if (name === label) return /^\d{1,15}$/.test(value ?? '') ? Number(value) : undefined;
  }
  return undefined;
}

const NEEDED: Readonly<Record<keyof typeof METRIC_NAMES, ReadonlySet<string>>> = {
  vllm: metricsOf(METRIC_NAMES.vllm),
  sglang: metricsOf(METRIC_NAMES.sglang),
  tgi: metricsOf(METRIC_NAMES.tgi),
  'tensorrt-llm': metricsOf(METRIC_NAMES['tensorrt-llm']),
};

function metricsOf(names: MetricNames): Set<string> {
  return new Set(Object.values(names).flatMap((sources) => sources.map(({ metric }) => metric)));
}
