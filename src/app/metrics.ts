import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { DecisionRecord } from '../core/decide/record.ts';

/** The process's metrics in Prometheus' text form. Labels are names of documents: never anything a client wrote. */
export interface Metrics {
  readonly count: (record: DecisionRecord) => void;
  readonly text: () => Promise<string>;
  /** Where other parts put theirs. */
  readonly registry: Registry;
}

/** Seconds: from a request that is refused at once to an answer of ten minutes. */
const DURATION_BUCKETS = [0.005, 0.02, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 600];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'headgate_requests_total',
    help: 'Requests by route, team, offer and outcome.',
    labelNames: ['route', 'team', 'offer', 'outcome'],
    registers: [registry],
  });
  const refusals = new Counter({
    name: 'headgate_refusals_total',
    help: 'Requests that headgate refused, by reason.',
    labelNames: ['reason'],
    registers: [registry],
  });
  const tokens = new Counter({
    name: 'gen_ai_client_token_usage_total',
    help: 'Tokens by model and kind, as reported or estimated.',
    labelNames: ['model', 'kind'],
    registers: [registry],
  });
  const cost = new Counter({
    name: 'headgate_cost_usd_total',
    help: 'Cost of answers in USD, by team and model.',
    labelNames: ['team', 'model'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'gen_ai_server_request_duration_seconds',
    help: 'From the request to the end of its answer.',
    labelNames: ['model', 'outcome'],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  return {
    count: (record) => {
      const { outcome } = record;
      const model = record.model ?? '';
      const team = record.principal?.team ?? '';
      const kind = outcome?.kind ?? 'refused';
      requests.inc({ route: record.route ?? '', team, offer: outcome?.served?.offer ?? '', outcome: kind });
      if (record.refusal !== undefined) refusals.inc({ reason: record.refusal.reason });
      if (outcome === undefined) return;
      durations.observe({ model, outcome: kind }, outcome.totalMs / 1_000);
      cost.inc({ team, model }, outcome.costMicroUsd / 1e6);
      if (outcome.usage === undefined) return;
      tokens.inc({ model, kind: 'input' }, outcome.usage.inputTokens - outcome.usage.cachedTokens);
      tokens.inc({ model, kind: 'cached_input' }, outcome.usage.cachedTokens);
      tokens.inc({ model, kind: 'output' }, outcome.usage.outputTokens);
    },
    text: () => registry.metrics(),
    registry,
  };
}
