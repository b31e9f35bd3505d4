import type { DecisionRecord, Outcome, RecordedUsage } from '../decide/record.ts';
import { release } from '../load/ledger.ts';
import type { Answering, Decided, Exchange } from './exchange.ts';
import type { ExchangePorts } from './ports.ts';

/** The record of an exchange that has ended; undefined where it left one before, or nothing was asked. */
export function finishRecord(exchange: Exchange, ports: ExchangePorts): DecisionRecord | undefined {
  switch (exchange.kind) {
    case 'decided':
      return finished(exchange, ports, { kind: 'incomplete', status: 0 });
    case 'answering':
      return finished(exchange, ports, { kind: outcomeOf(exchange), status: exchange.status });
    case 'opened':
    case 'reading':
    case 'closed':
    case 'adapting':
      return undefined;
  }
}

function outcomeOf(exchange: Answering): Outcome['kind'] {
  if (exchange.watch?.blocked !== undefined) return 'blocked';
  if (exchange.served === undefined) return 'failed';
  if (exchange.status >= 400) return 'failed';
  return exchange.usage === undefined ? 'incomplete' : 'answered';
}

function finished(
  exchange: Decided | Answering,
  ports: ExchangePorts,
  end: Pick<Outcome, 'kind' | 'status'>,
): DecisionRecord {
  const nowMs = ports.nowMs();
  const answering = exchange.kind === 'answering' ? exchange : undefined;
  if (exchange.reservation !== undefined) {
    release(ports.ledger, exchange.reservation, answering === undefined, nowMs);
  }
  const totalMs = nowMs - exchange.startedMs;
  const usage = answering && (answering.usage ?? estimatedUsage(answering, end.kind, totalMs));
  const { record } = exchange.decision;
  return {
    ...record,
    policies: [...record.policies, ...(answering?.watch?.fired ?? [])],
    outcome: {
      ...end,
      ...(answering?.served === undefined ? {} : { served: answering.served }),
      ...(usage === undefined ? {} : { usage }),
      costMicroUsd: usage === undefined ? 0 : costMicroUsd(exchange, answering?.served?.offer, usage),
      decidedMs: exchange.decidedMs,
      ...(answering === undefined ? {} : { headersMs: answering.headersMs }),
      totalMs,
    },
  };
}

/** How fast an answer is taken to have flowed where it did not say how long it was. */
const OUTPUT_TOKENS_PER_SECOND_ASSUMED = 40;

/**
 * The usage of an answer that broke off: its prompt was paid for, and as many output tokens as may have flowed in its
 * time, up to what was asked for. Never for an error, which costs nothing.
 */
function estimatedUsage(exchange: Answering, kind: Outcome['kind'], totalMs: number): RecordedUsage | undefined {
  if (kind === 'failed') return undefined;
  const flowing = Math.ceil(((totalMs - exchange.headersMs) / 1_000) * OUTPUT_TOKENS_PER_SECOND_ASSUMED);
  const limit = exchange.request.outputTokensMax ?? Number.POSITIVE_INFINITY;
  const { promptTokens } = exchange.decision;
  return { inputTokens: promptTokens, cachedTokens: 0, outputTokens: Math.min(flowing, limit), source: 'estimated' };
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
