import Table from 'cli-table3';
import type { DecisionRecord } from '../../../core/decide/record.ts';
import type { LoadResult } from '../../../sim/load/send-load.ts';
import { askAll, decisionOf } from '../stack/ask.ts';
import type { DemoStack } from '../stack/demo-stack.ts';
import { checkEqual, checkThat, type Step } from '../step.ts';

const REQUESTS = 300;
/** Enough that queues form on a slow GPU, and none on a fast one. */
const CONCURRENCY = 24;
/** A prompt of about 900 tokens: reading it is what an engine is slow or fast at. */
const PROMPT_WORDS = 600;
const ANSWER_TOKENS = 16;
/** What the slower engine gets, beside the mean of the others. A gateway that knows no load gives it 1. */
const SLOW_SHARE_MAX = 0.8;

/** (c) Live load decides who serves. */
export const load: Step = {
  letter: 'c',
  title: `${REQUESTS} requests: the slower GPU gets less`,
  run: async (stack) => {
    const asks = Array.from({ length: REQUESTS }, (_, index) => ({
      // Unlike from the first word on, so that no engine has it in its prefix cache.
      prompt: `${index} ${'amber cedar '.repeat(PROMPT_WORDS / 2)}`,
      stream: true,
      tokens: ANSWER_TOKENS,
    }));
    const results = await askAll(stack, asks, { concurrency: CONCURRENCY });
    const answered = results.filter(({ outcome }) => outcome === 'ok');
    const records = await stack.admin.records(answered.map(decisionOf));
    const rows = stack.engines.addresses.map((address) => rowOf(stack, address, records, answered));
    const slow = rows.filter(({ scale }) => scale < 1).map(({ picks }) => picks);
    const fast = rows.filter(({ scale }) => scale === 1).map(({ picks }) => picks);
    return {
      did: [`${REQUESTS} streamed requests, ${CONCURRENCY} at a time, each with a new prompt of about 900 tokens.`],
      saw: tableOf(rows),
      checks: [
        checkEqual('every request was answered', answered.length, REQUESTS),
        checkThat(
          'the slower engine got less',
          mean(slow) < SLOW_SHARE_MAX * mean(fast),
          `less than ${SLOW_SHARE_MAX} of the mean of the others`,
          `${(mean(slow) / mean(fast)).toFixed(2)} of it`,
        ),
      ],
    };
  },
};

interface EngineRow {
  readonly address: string;
  readonly scale: number;
  readonly picks: number;
  /** Means over all decisions that looked at the engine. */
  readonly queuedTokens: number;
  readonly active: number;
  /** As the last decisions had learned it. */
  readonly prefillTokensPerSecond: number;
  readonly ttftMs: readonly number[];
}

function rowOf(
  stack: DemoStack,
  address: string,
  records: readonly DecisionRecord[],
  results: readonly LoadResult[],
): EngineRow {
  const looks = records.flatMap(({ candidates }) =>
    candidates.flatMap(({ endpoints }) => endpoints.filter((endpoint) => endpoint.address === address)),
  );
  const newest = records.toSorted((left, right) => left.timeMs - right.timeMs).at(-1);
  const known = newest?.candidates
    .flatMap(({ endpoints }) => endpoints)
    .find((endpoint) => endpoint.address === address);
  const served = results.filter((_, index) => records[index]?.outcome?.served?.address === address);
  return {
    address,
    scale: stack.engines.scaleOf(address),
    picks: served.length,
    queuedTokens: mean(looks.map(({ queuedTokens }) => queuedTokens)),
    active: mean(looks.map(({ activeRequests }) => activeRequests)),
    prefillTokensPerSecond: known?.prefillTokensPerSecond ?? 0,
    ttftMs: served.flatMap(({ ttftMs }) => ttftMs ?? []).sort((left, right) => left - right),
  };
}

function tableOf(rows: readonly EngineRow[]): string[] {
  const head = [
    'engine',
    'GPU',
    'picks',
    'queue (tokens, mean)',
    'active (mean)',
    'prefill learned (tokens/s)',
    'TTFT p50',
    'TTFT p90',
  ];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const row of rows) {
    table.push([
      row.address,
      `x ${row.scale}`,
      row.picks,
      Math.round(row.queuedTokens),
      row.active.toFixed(1),
      Math.round(row.prefillTokensPerSecond),
      `${Math.round(row.ttftMs[Math.floor(row.ttftMs.length * 0.5)] ?? 0)} ms`,
      `${Math.round(row.ttftMs[Math.floor(row.ttftMs.length * 0.9)] ?? 0)} ms`,
    ]);
  }
  return table.toString().split('\n');
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
