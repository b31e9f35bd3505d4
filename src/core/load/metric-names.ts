/** One figure of an engine: the sum, or the mean, of the samples of a metric, or a number in one of its labels. */
export interface MetricSource {
  readonly metric: string;
  /** Of the samples of several ranks or models. Default: sum. */
  readonly over?: 'mean';
  /** The label whose value is the figure; the sample's own value then says nothing. */
  readonly label?: string;
}

/** Where each figure of a report stands. Of several sources the first that is there counts: names change over time. */
export type MetricNames = Readonly<Partial<Record<Figure, readonly MetricSource[]>>>;

export type Figure =
  | 'waiting'
  | 'running'
  | 'kvUsage'
  | 'kvBlocks'
  | 'kvBlockTokens'
  | 'prefixHits'
  | 'prefixQueries'
  | 'ttftSumSeconds'
  | 'ttftCount'
  | 'promptTokensTotal'
  | 'generationTokensTotal'
  | 'processStartSeconds';

const PROCESS = { processStartSeconds: [{ metric: 'process_start_time_seconds', over: 'mean' }] } as const;

/** The metrics of each engine that can be scraped, by the names of its own documentation. */
export const METRIC_NAMES: Readonly<Record<'vllm' | 'sglang' | 'tgi' | 'tensorrt-llm', MetricNames>> = {
  vllm: {
    waiting: [{ metric: 'vllm:num_requests_waiting' }],
    running: [{ metric: 'vllm:num_requests_running' }],
    kvUsage: [
      { metric: 'vllm:kv_cache_usage_perc', over: 'mean' },
      { metric: 'vllm:gpu_cache_usage_perc', over: 'mean' },
    ],
    kvBlocks: [{ metric: 'vllm:cache_config_info', label: 'num_gpu_blocks' }],
    kvBlockTokens: [{ metric: 'vllm:cache_config_info', label: 'block_size', over: 'mean' }],
    prefixHits: [{ metric: 'vllm:prefix_cache_hits_total' }, { metric: 'vllm:gpu_prefix_cache_hits_total' }],
    prefixQueries: [{ metric: 'vllm:prefix_cache_queries_total' }, { metric: 'vllm:gpu_prefix_cache_queries_total' }],
    ttftSumSeconds: [{ metric: 'vllm:time_to_first_token_seconds_sum' }],
    ttftCount: [{ metric: 'vllm:time_to_first_token_seconds_count' }],
    promptTokensTotal: [{ metric: 'vllm:prompt_tokens_total' }],
    generationTokensTotal: [{ metric: 'vllm:generation_tokens_total' }],
    ...PROCESS,
  },
  sglang: {
    waiting: [{ metric: 'sglang:num_queue_reqs' }],
    running: [{ metric: 'sglang:num_running_reqs' }],
    kvUsage: [{ metric: 'sglang:token_usage', over: 'mean' }],
    kvBlocks: [{ metric: 'sglang:cache_config_info', label: 'num_pages' }],
    kvBlockTokens: [{ metric: 'sglang:cache_config_info', label: 'page_size', over: 'mean' }],
    prefixHits: [{ metric: 'sglang:cached_tokens_total' }],
    prefixQueries: [{ metric: 'sglang:prompt_tokens_total' }],
    ttftSumSeconds: [{ metric: 'sglang:time_to_first_token_seconds_sum' }],
    ttftCount: [{ metric: 'sglang:time_to_first_token_seconds_count' }],
    promptTokensTotal: [{ metric: 'sglang:prompt_tokens_total' }],
    generationTokensTotal: [{ metric: 'sglang:generation_tokens_total' }],
    ...PROCESS,
  },
  tgi: {
    waiting: [{ metric: 'tgi_queue_size' }],
    running: [{ metric: 'tgi_batch_current_size' }],
    ...PROCESS,
  },
  'tensorrt-llm': {
    waiting: [{ metric: 'trtllm_num_requests_waiting' }],
    running: [{ metric: 'trtllm_num_requests_running' }],
    kvUsage: [{ metric: 'trtllm_kv_cache_utilization', over: 'mean' }],
    kvBlocks: [{ metric: 'trtllm_kv_cache_max_blocks' }],
    kvBlockTokens: [{ metric: 'trtllm_kv_cache_tokens_per_block', over: 'mean' }],
    ttftSumSeconds: [{ metric: 'trtllm_time_to_first_token_seconds_sum' }],
    ttftCount: [{ metric: 'trtllm_time_to_first_token_seconds_count' }],
    ...PROCESS,
  },
};
