import { Gauge, type Registry } from 'prom-client';
import { DECIDER_STATES, type RemoteDeciderStatus } from './decider-statuses.ts';

/** How many deciders of their own there are in each state, read when somebody asks for the metrics. */
export function addDeciderMetrics(registry: Registry, deciders: () => readonly RemoteDeciderStatus[]): void {
  const gauge = new Gauge({
    name: 'headgate_deciders',
    help: 'Registered deciders by state: proxies are sent to those that are asked.',
    labelNames: ['state'],
    registers: [registry],
    collect: () => {
      const states = deciders().map(({ state }) => state);
      for (const state of DECIDER_STATES) gauge.set({ state }, states.filter((each) => each === state).length);
    },
  });
}
