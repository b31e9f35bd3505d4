import type { DecisionRecord, Outcome, RecordedUsage } from '../decide/record.ts';
import { release } from '../load/ledger.ts';
import { abandonedRecord } from './early-end.ts';
import type { Answering, Decided, Exchange } from './exchange.ts';
import type { ExchangePorts } from './ports.ts';

/** The record of an exchange that has ended; undefined where it left one before, or nothing was asked. */
export function finishRecord(exchange: Exchange, ports: ExchangePorts): DecisionRecord | undefined {
  switch (exchange.kind) {
    case 'decided':
      return finished(exchange, ports, { kind: 'incomplete', status: 0 });
    case 'answering':
      return finished(exchange, ports, { kind: outcomeOf(exchange), status: exchange.status });
    case 'reading':
      return abandonedRecord(exchange, ports);
    case 'opened':
    case 'closed':
    case 'adapting':
      return undefined;
  }
}

function outcomeOf(exchange: Answering): Outcome['kind'] {
  if (exchange.watch?.blocked !== undefined) return 'blocked';
  if (exchange.served === undefined || exchange.status >= 500 || exchange.status === 429) return 'failed';
  if (exchange.status >= 400) return 'answered';
  return exchange.usage === undefined ? 'incomplete' : 'answered';
}

function finished(
  exchange: Decided | Answering,
  ports: ExchangePorts,
  end: Pick<Outcome, 'kind' | 'status'>,
): DecisionRecord {
  const nowMs = ports.monotonicMs();
  const answering = exchange.kind === 'answering' ? exchange : undefined;
  if (exchange.reservation !== undefined) {
    release(ports.ledger, exchange.reservation, answering === undefined, nowMs);
  }
  const totalMs = nowMs - exchange.startedMs;
  const usage = answering?.usage ?? estimatedUsage(exchange, totalMs);
  const { record, attempts } = exchange.decision;
  return {
    ...record,
    policies: [...record.policies, ...(answering?.watch?.fired ?? [])],
    outcome: {
      ...end,
      ...(answering?.upstreamStatus === undefined ? {} : { upstreamStatus: answering.upstreamStatus }),
      ...(answering?.served === undefined ? {} : { served: answering.served }),
      ...(usage === undefined ? {} : { usage }),
      // Who worked on a request that ended without an answer is not known; it was the first attempt as a rule.
      costMicroUsd: usage === undefined ? 0 : costMicroUsd(exchange, (answering?.served ?? attempts[0])?.offer, usage),
      decidedMs: exchange.decidedMs,
      ...(answering === undefined ? {} : { headersMs: answering.headersMs }),
      totalMs,
    },
  };
}

/** How fast an answer is taken to have flowed where it did not say how long it was. */
const OUTPUT_TOKENS_PER_SECOND_ASSUMED = 40;

/**
 * The usage of an answer that did not end with its own: its prompt was paid for, and as many output tokens as may have
 * come in its time, up to what was asked for. A stream flows after its headers, a plain answer is made before them.
 * Undefined for an error, which costs nothing.
 */
function estimatedUsage(exchange: Decided | Answering, totalMs: number): RecordedUsage | undefined {
  const answering = exchange.kind === 'answering' ? exchange : undefined;
  if (answering !== undefined && (answering.served === undefined || answering.status >= 400)) return undefined;
  const { promptTokens, stream, record } = exchange.decision;
  const headersMs = answering?.headersMs ?? totalMs;
  const flowedMs = stream ? totalMs - headersMs : headersMs - exchange.decidedMs;
  const { choices, outputTokensMax } = exchange.request;
  const model = exchange.loaded.revision.models.get(record.model ?? '');
  const limit = outputTokensMax ?? model?.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  const flowed = Math.ceil((flowedMs / 1_000) * OUTPUT_TOKENS_PER_SECOND_ASSUMED);
  const outputTokens = Math.min(flowed, limit) * choices;
  return { inputTokens: promptTokens, cachedTokens: 0, outputTokens, source: 'estimated' };
}

/** Cached tokens are a part of the input (OpenAI's way to count). USD per million tokens is micro-USD per token. */
function costMicroUsd(exchange: Decided | Answering, offer: string | undefined, usage: RecordedUsage): number {
  const price = offer === undefined ? undefined : exchange.loaded.revision.offers.get(offer)?.price;
  if (price === undefined) return 0;
  const uncached = usage.inputTokens - usage.cachedTokens;
  const cost =
    uncached * price.inputUsd + usage.cachedTokens * price.cachedInputUsd + usage.outputTokens * price.outputUsd;
  return Math.round(cost * 1_000) / 1_000;
}
