import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { peerFailures } from './peer-failures.ts';

test('all are counted; of each kind the first is told, and a minute later how many there were', async () => {
  let nowMs = 0;
  const told: unknown[] = [];
  const log = { warn: (fields: object, text?: string) => void told.push({ ...fields, text }) };
  const registry = new Registry();
  const tell = peerFailures('xds', registry, log, () => nowMs);
  for (const peer of ['a', 'b', 'c']) tell({ code: 'grpc-flood', peer });
  tell({ code: 'grpc-not-read', peer: 'a' });
  nowMs = 60_000;
  tell({ code: 'grpc-flood', peer: 'd' });
  expect(told).toEqual([
    { code: 'grpc-flood', peer: 'a', count: 1, text: 'proxy connection' },
    { code: 'grpc-not-read', peer: 'a', count: 1, text: 'proxy connection' },
    { code: 'grpc-flood', peer: 'd', count: 3, text: 'proxy connection' },
  ]);
  const lines = (await registry.metrics()).split('\n');
  expect(lines.filter((line) => line.startsWith('headgate'))).toEqual([
    'headgate_xds_connection_failures_total{code="grpc-flood"} 4',
    'headgate_xds_connection_failures_total{code="grpc-not-read"} 1',
  ]);
});
