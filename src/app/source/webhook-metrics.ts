import { Counter, type Registry } from 'prom-client';
import type { WebhookResult } from '../../io/webhooks/webhook-server.ts';

/** Counts deliveries. A forge that is not in the settings has no name of its own here. */
export function webhookMetrics(registry: Registry): (forge: string, result: WebhookResult) => void {
  const deliveries = new Counter({
    name: 'headgate_webhooks_total',
    help: 'Deliveries of forges by what came of them.',
    labelNames: ['forge', 'result'],
    registers: [registry],
  });
  return (forge, result) => deliveries.inc({ forge, result });
}
