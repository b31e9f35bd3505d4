import { Counter, Gauge, type Registry } from 'prom-client';
import type { OutboxEnd } from '../../io/forge/outbox.ts';

/** How telling others goes. */
export interface ReportMetrics {
  readonly count: (destination: string, end: OutboxEnd) => void;
}

/** @param waiting by destination; asked at each scrape */
export function reportMetrics(registry: Registry, waiting: () => Readonly<Record<string, number>>): ReportMetrics {
  const reports = new Counter({
    name: 'headgate_reports_total',
    help: 'Commit statuses and events by destination and what came of them: delivered, refused or dropped.',
    labelNames: ['destination', 'outcome'],
    registers: [registry],
  });
  const gauge = new Gauge({
    name: 'headgate_reports_waiting',
    help: 'Commit statuses and events that wait for their destination.',
    labelNames: ['destination'],
    registers: [registry],
    collect: () => {
      for (const [destination, count] of Object.entries(waiting())) gauge.set({ destination }, count);
    },
  });
  return { count: (destination, outcome) => reports.inc({ destination, outcome }) };
}
