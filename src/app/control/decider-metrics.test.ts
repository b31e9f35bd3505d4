import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { addDeciderMetrics } from './decider-metrics.ts';
import type { RemoteDeciderStatus } from './decider-statuses.ts';

test('deciders are counted by state, and a state without any is zero', async () => {
  const registry = new Registry();
  const decider = (state: RemoteDeciderStatus['state']): RemoteDeciderStatus => ({
    ...{ name: 'a', version: '1', address: '', state, lacks: [], decided: 0 },
  });
  let deciders = [decider('asked'), decider('asked'), decider('behind')];
  addDeciderMetrics(registry, () => deciders);
  const values = async () => (await registry.metrics()).split('\n').filter((line) => /^headgate/.test(line));
  expect(await values()).toEqual([
    'headgate_deciders{state="asked"} 2',
    'headgate_deciders{state="behind"} 1',
    'headgate_deciders{state="leaving"} 0',
    'headgate_deciders{state="away"} 0',
  ]);
  deciders = [decider('away')];
  expect(await values()).toEqual([
    'headgate_deciders{state="asked"} 0',
    'headgate_deciders{state="behind"} 0',
    'headgate_deciders{state="leaving"} 0',
    'headgate_deciders{state="away"} 1',
  ]);
});
