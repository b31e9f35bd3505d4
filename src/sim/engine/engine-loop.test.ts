import { describe, expect, test } from 'vitest';
import type { Clock } from '../clock.ts';
import type { BatchLimits } from './batch.ts';
import { EngineLoop, type Submission } from './engine-loop.ts';
import { metricsText } from './metrics-text.ts';

const LIMITS: BatchLimits = { blockTokens: 16, blocks: 100, sequencesMax: 2, stepTokensMax: 2_048, adaptersMax: 2 };
const SPEED = { prefillTokensPerSecond: 10_000, decodeTokensPerSecond: 100, scale: 1 };

/** A clock that a test moves: every action due runs at its own time. */
class TestClock implements Clock {
  #nowMs = 0;
  #actions: { readonly atMs: number; readonly action: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const entry = { atMs: this.#nowMs + Math.max(0, delayMs), action };
    this.#actions.push(entry);
    return () => {
      this.#actions = this.#actions.filter((other) => other !== entry);
    };
  }

  runTo(untilMs: number): void {
    while (true) {
      const due = this.#actions.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#actions = this.#actions.filter((other) => other !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.action();
    }
    this.#nowMs = untilMs;
  }

  /** Time passes while the process gets no CPU: nothing runs. */
  freeze(untilMs: number): void {
    this.#nowMs = untilMs;
  }
}

function started() {
  const clock = new TestClock();
  const loop = new EngineLoop(LIMITS, SPEED, clock);
  const seen: [name: string, index: number, atMs: number][] = [];
  const submit = (name: string, promptTokens: number, outputTokens: number, more: Partial<Submission> = {}) =>
    loop.submit({
      promptTokens,
      outputTokens,
      text: name.repeat(promptTokens * 4),
      finish: 'stop',
      onToken: (event) => seen.push([name, event.index, Math.round(clock.nowMs())]),
      ...more,
    });
  return { clock, loop, seen, submit };
}

describe('the loop of an engine', () => {
  test('gives tokens when their step has run its time, and a later request its place in the next step', () => {
    const { clock, seen, submit } = started();
    submit('a', 100, 3);
    clock.runTo(5);
    submit('b', 100, 1);
    clock.runTo(1_000);
    expect(seen).toEqual([
      ['a', 0, 10],
      ['a', 1, 30],
      ['b', 0, 30],
      ['a', 2, 40],
    ]);
  });

  test('catches up after a pause of the process', () => {
    const { clock, seen, submit } = started();
    submit('a', 100, 4);
    clock.freeze(35);
    clock.runTo(40);
    expect(seen).toEqual([
      ['a', 0, 35],
      ['a', 1, 35],
      ['a', 2, 35],
      ['a', 3, 40],
    ]);
  });

  test('an aborted sequence gives no more tokens and its place to the next', () => {
    const { clock, loop, seen, submit } = started();
    const id = submit('a', 100, 50);
    submit('b', 100, 50);
    submit('c', 100, 1);
    clock.runTo(20);
    loop.abort(id);
    loop.abort(id);
    clock.runTo(60);
    expect(seen.filter(([name]) => name !== 'b')).toEqual([
      ['a', 0, 10],
      ['c', 0, 50],
    ]);
  });

  test('tells when it is idle', async () => {
    const { clock, loop, submit } = started();
    await loop.whenIdle();
    const id = submit('a', 100, 2);
    const order: string[] = [];
    const idle = loop.whenIdle().then(() => order.push('idle'));
    order.push('busy');
    loop.abort(id);
    await idle;
    clock.runTo(100);
    expect(order).toEqual(['busy', 'idle']);
  });

  test('a stopped one gives no token', () => {
    const { clock, loop, seen, submit } = started();
    submit('a', 100, 3);
    loop.stop();
    clock.runTo(1_000);
    expect(seen).toEqual([]);
  });
});

describe('metrics', () => {
  function lines(loop: EngineLoop, gauges: 'true' | 'zero' = 'true'): string[] {
    const text = metricsText({
      batch: loop.batch,
      metrics: loop.metrics,
      model: 'say "hi"',
      startedAtSeconds: 1_700_000_000,
      nowSeconds: 1_700_000_009.5,
      gauges,
    });
    return text.split('\n');
  }

  test('have the names of vLLM and what the engine did', () => {
    const { clock, loop, submit } = started();
    submit('a', 100, 3, { finish: 'length', adapter: 'law' });
    submit('b', 160, 100);
    submit('c', 160, 1, { adapter: 'code' });
    clock.runTo(100);
    const wanted = (line: string) => !line.startsWith('#') && !line.includes('_bucket') && line !== '';
    expect(lines(loop).filter(wanted)).toEqual([
      'vllm:num_requests_running{engine="0",model_name="say \\"hi\\""} 1.0',
      'vllm:num_requests_waiting{engine="0",model_name="say \\"hi\\""} 0.0',
      'vllm:kv_cache_usage_perc{engine="0",model_name="say \\"hi\\""} 0.11',
      'vllm:prefix_cache_queries_total{engine="0",model_name="say \\"hi\\""} 420.0',
      'vllm:prefix_cache_hits_total{engine="0",model_name="say \\"hi\\""} 0.0',
      'vllm:num_preemptions_total{engine="0",model_name="say \\"hi\\""} 0.0',
      'vllm:prompt_tokens_total{engine="0",model_name="say \\"hi\\""} 420.0',
      'vllm:generation_tokens_total{engine="0",model_name="say \\"hi\\""} 9.0',
      'vllm:request_success_total{engine="0",model_name="say \\"hi\\"",finished_reason="stop"} 1.0',
      'vllm:request_success_total{engine="0",model_name="say \\"hi\\"",finished_reason="length"} 1.0',
      'vllm:request_success_total{engine="0",model_name="say \\"hi\\"",finished_reason="abort"} 0.0',
      'vllm:time_to_first_token_seconds_count{engine="0",model_name="say \\"hi\\""} 3.0',
      expect.stringMatching(/^vllm:time_to_first_token_seconds_sum\{.*\} 0\.1/),
      'vllm:inter_token_latency_seconds_count{engine="0",model_name="say \\"hi\\""} 6.0',
      expect.stringMatching(/^vllm:inter_token_latency_seconds_sum\{.*\} 0\.0/),
      'vllm:e2e_request_latency_seconds_count{engine="0",model_name="say \\"hi\\""} 2.0',
      expect.stringMatching(/^vllm:e2e_request_latency_seconds_sum\{.*\} 0\.1/),
      'vllm:cache_config_info{block_size="16",enable_prefix_caching="True",engine="0",num_gpu_blocks="100"} 1.0',
      'vllm:lora_requests_info{max_lora="2",running_lora_adapters="",waiting_lora_adapters=""} 1700000009.5',
      'process_start_time_seconds 1700000000.0',
    ]);
  });

  test('count values in cumulative buckets', () => {
    const { clock, loop, submit } = started();
    submit('a', 100, 1);
    clock.runTo(1_000);
    const buckets = lines(loop).filter((line) => line.startsWith('vllm:time_to_first_token_seconds_bucket'));
    const values = buckets.map((line) => line.replace(/.*le="(.*)"\} (.*)/, '$1:$2'));
    expect({ start: values.slice(0, 4), end: values.at(-1) }).toEqual({
      start: ['0.001:0.0', '0.005:0.0', '0.01:1.0', '0.02:1.0'],
      end: '+Inf:1.0',
    });
  });

  test('name adapters that run and wait', () => {
    const { loop, submit } = started();
    submit('a', 100, 3, { adapter: 'law' });
    submit('b', 100, 3, { adapter: 'code' });
    expect(lines(loop)).toContainEqual(
      'vllm:lora_requests_info{max_lora="2",running_lora_adapters="law",waiting_lora_adapters="code"} 1700000009.5',
    );
  });

  test('lie when told to', () => {
    const { loop, submit } = started();
    submit('a', 100, 3);
    submit('b', 100, 3);
    const gauges = (kind: 'true' | 'zero') =>
      lines(loop, kind)
        .filter((line) => /^vllm:(num_requests|kv_cache)/.test(line))
        .map((line) => line.replace(/.* /, ''));
    expect({ true: gauges('true'), zero: gauges('zero') }).toEqual({
      true: ['1.0', '1.0', '0.07'],
      zero: ['0.0', '0.0', '0.0'],
    });
  });
});
