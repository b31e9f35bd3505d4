import type { Batch } from './batch.ts';
import type { EngineMetrics } from './engine-metrics.ts';
import type { Histogram } from './histogram.ts';
import { usedBlocks } from './kv-cache.ts';

export interface MetricsSource {
  readonly batch: Batch;
  readonly metrics: EngineMetrics;
  readonly model: string;
  readonly startedAtSeconds: number;
  readonly nowSeconds: number;
  /** `zero`: the gauges say that the engine is idle, whatever it does. */
  readonly gauges: 'true' | 'zero';
}

/** GET /metrics: the Prometheus text format with the names, types and labels of vLLM's V1 engine. */
export function metricsText(source: MetricsSource): string {
  const { batch, metrics } = source;
  const labels = { engine: '0', model_name: source.model };
  const gauge = (value: number) => (source.gauges === 'zero' ? 0 : value);
  const parts = [
    family('vllm:num_requests_running', 'gauge', [[labels, gauge(batch.running.length)]]),
    family('vllm:num_requests_waiting', 'gauge', [[labels, gauge(batch.waiting.length)]]),
    family('vllm:kv_cache_usage_perc', 'gauge', [[labels, gauge(usedBlocks(batch.cache) / batch.cache.blocks)]]),
    counter('vllm:prefix_cache_queries', [[labels, batch.totals.prefixQueryTokens]]),
    counter('vllm:prefix_cache_hits', [[labels, batch.totals.prefixHitTokens]]),
    counter('vllm:num_preemptions', [[labels, batch.totals.preemptions]]),
    counter('vllm:prompt_tokens', [[labels, metrics.promptTokens]]),
    counter('vllm:generation_tokens', [[labels, metrics.generationTokens]]),
    counter(
      'vllm:request_success',
      Object.entries(metrics.finished).map(([reason, count]) => [{ ...labels, finished_reason: reason }, count]),
    ),
    histogram('vllm:time_to_first_token_seconds', labels, metrics.timeToFirstToken),
    histogram('vllm:inter_token_latency_seconds', labels, metrics.interTokenLatency),
    histogram('vllm:e2e_request_latency_seconds', labels, metrics.requestLatency),
    family('vllm:cache_config_info', 'gauge', [[cacheConfig(batch), 1]]),
    family('vllm:lora_requests_info', 'gauge', [[adapterLabels(batch), source.nowSeconds]]),
    family('process_start_time_seconds', 'gauge', [[{}, source.startedAtSeconds]]),
  ];
  return parts.join('');
}

interface Labels {
  readonly [name: string]: string;
}

type Samples = readonly (readonly [Labels, number])[];

function cacheConfig(batch: Batch): Labels {
  return {
    block_size: String(batch.limits.blockTokens),
    enable_prefix_caching: 'True',
    engine: '0',
    num_gpu_blocks: String(batch.limits.blocks),
  };
}

function adapterLabels(batch: Batch): Labels {
  const names = (queue: Batch['running']) =>
    [...new Set(queue.map((sequence) => sequence.adapter).filter((name) => name !== undefined))].join(',');
  return {
    max_lora: String(batch.limits.adaptersMax),
    running_lora_adapters: names(batch.running),
    waiting_lora_adapters: names(batch.waiting),
  };
}

function family(name: string, type: 'gauge' | 'counter', samples: Samples): string {
  return `# TYPE ${name} ${type}\n${samples.map(([labels, value]) => sample(name, labels, value)).join('')}`;
}

function counter(name: string, samples: Samples): string {
  return family(`${name}_total`, 'counter', samples);
}

function histogram(name: string, labels: Labels, values: Histogram): string {
  const buckets = values.boundsSeconds.map((bound, index) =>
    sample(`${name}_bucket`, { ...labels, le: decimal(bound) }, values.counts[index] ?? 0),
  );
  return [
    `# TYPE ${name} histogram\n`,
    ...buckets,
    sample(`${name}_bucket`, { ...labels, le: '+Inf' }, values.count),
    sample(`${name}_count`, labels, values.count),
    sample(`${name}_sum`, labels, values.sumSeconds),
  ].join('');
}

function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${decimal(value)}\n`;
}

/** vLLM's client library writes every value as a Python float. */
function decimal(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
