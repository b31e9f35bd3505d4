import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMetrics } from './metrics-text.ts';

const VLLM = `# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="a"} 3.0
vllm:num_requests_running{engine="1",model_name="a"} 4.0
vllm:num_requests_waiting{engine="0",model_name="a"} 2.0
vllm:num_requests_waiting{engine="1",model_name="say \\"}\\" 9"} 5.0
vllm:num_requests_waiting_by_reason{engine="0",reason="capacity"} 100.0
vllm:kv_cache_usage_perc{engine="0",model_name="a"} 0.25
vllm:kv_cache_usage_perc{engine="1",model_name="a"} 0.75
vllm:cache_config_info{block_size="16",cache_dtype="auto",engine="0",num_gpu_blocks="1000"} 1.0
vllm:cache_config_info{block_size="16",cache_dtype="auto",engine="1",num_gpu_blocks="2000"} 1.0
vllm:prefix_cache_queries_total{engine="0",model_name="a"} 500.0
vllm:prefix_cache_hits_total{engine="0",model_name="a"} 100.0
vllm:prompt_tokens_total{engine="0",model_name="a"} 1.2345e+06
vllm:generation_tokens_total{engine="0",model_name="a"} 10.0 1700000000000
vllm:time_to_first_token_seconds_bucket{engine="0",le="0.001",model_name="a"} 0.0
vllm:time_to_first_token_seconds_sum{engine="0",model_name="a"} 12.5
vllm:time_to_first_token_seconds_count{engine="0",model_name="a"} 50.0
process_start_time_seconds 1.7e+09
`;

describe('metrics text', () => {
  test('of vLLM: sums over engines, the mean of the KV use, capacity from labels', () => {
    expect(parseMetrics('vllm', VLLM)).toEqual({
      waiting: 7,
      running: 7,
      kvUsage: 0.5,
      kvBlocks: 3000,
      kvBlockTokens: 16,
      prefixHits: 100,
      prefixQueries: 500,
      ttftSumSeconds: 12.5,
      ttftCount: 50,
      promptTokensTotal: 1_234_500,
      generationTokensTotal: 10,
      processStartSeconds: 1_700_000_000,
    });
  });

  test('of an old vLLM, and of one that has both names: the new name counts', () => {
    const old = 'vllm:gpu_cache_usage_perc{model_name="a"} 0.4\nvllm:gpu_prefix_cache_hits_total 7\n';
    expect(parseMetrics('vllm', old)).toEqual({ kvUsage: 0.4, prefixHits: 7 });
    expect(parseMetrics('vllm', `${old}vllm:kv_cache_usage_perc 0.6\n`)).toEqual({ kvUsage: 0.6, prefixHits: 7 });
  });

  test.each([
    [
      'sglang',
      `sglang:num_queue_reqs{model_name="a"} 1
sglang:num_running_reqs{model_name="a"} 2
sglang:token_usage{model_name="a"} 0.28
sglang:cache_config_info{num_pages="4096",page_size="64"} 1
sglang:cached_tokens_total{cache_source="device"} 30
sglang:cached_tokens_total{cache_source="host"} 12
sglang:prompt_tokens_total{model_name="a"} 100`,
      {
        waiting: 1,
        running: 2,
        kvUsage: 0.28,
        kvBlocks: 4096,
        kvBlockTokens: 64,
        prefixHits: 42,
        prefixQueries: 100,
        promptTokensTotal: 100,
      },
    ],
    [
      'tgi',
      'tgi_queue_size 4\r\ntgi_batch_current_size 8\r\ntgi_batch_current_max_tokens 999\r\n',
      { waiting: 4, running: 8 },
    ],
    [
      'tensorrt-llm',
      `trtllm_num_requests_waiting{engine_type="trtllm"} 6
trtllm_num_requests_running{engine_type="trtllm"} 5
trtllm_kv_cache_utilization{engine_type="trtllm"} 0.62
trtllm_kv_cache_max_blocks{engine_type="trtllm"} 512
trtllm_kv_cache_tokens_per_block{engine_type="trtllm"} 32`,
      { waiting: 6, running: 5, kvUsage: 0.62, kvBlocks: 512, kvBlockTokens: 32 },
    ],
  ] as const)('of %s', (engine, text, report) => {
    expect(parseMetrics(engine, text)).toEqual(report);
  });

  test.each([
    ['nothing', ''],
    ['a page that is no metrics', '<html>vllm:num_requests_waiting</html>'],
    ['another engine', 'tgi_queue_size 4\n'],
    ['no number', 'vllm:num_requests_waiting many\nvllm:num_requests_running\nvllm:kv_cache_usage_perc \n'],
    ['no finite number', 'vllm:num_requests_waiting NaN\nvllm:num_requests_running +Inf\n'],
    ['less than nothing', 'vllm:num_requests_waiting -1\n'],
    ['a capacity that is no number', 'vllm:cache_config_info{block_size="None",num_gpu_blocks="x"} 1\n'],
    ['a comment', '#vllm:num_requests_waiting 1\n'],
  ])('%s gives no figure', (_what, text) => {
    expect(parseMetrics('vllm', text)).toEqual({});
  });

  test('a KV use above one is one', () => {
    expect(parseMetrics('vllm', 'vllm:kv_cache_usage_perc 1.02')).toEqual({ kvUsage: 1 });
  });

  test('any text is read without failing, and every figure is a finite number', () => {
    const line = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.constantFrom('vllm:num_requests_waiting', 'vllm:cache_config_info'), fc.string())
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const figures = Object.values(parseMetrics('vllm', lines.join('\n')));
        expect(figures.filter((figure) => !Number.isFinite(figure))).toEqual([]);
      }),
    );
  });
});
