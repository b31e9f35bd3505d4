import { expect, test } from 'vitest';
import { peerFailureLog } from './peer-failure-log.ts';

test('of each kind the first is told, and after a while how many there were', () => {
  let nowMs = 0;
  const told: unknown[] = [];
  const log = { warn: (fields: object, text?: string) => void told.push({ ...fields, text }) };
  const tell = peerFailureLog(log, 'proxy connection', () => nowMs);
  for (const peer of ['a', 'b', 'c']) tell({ code: 'grpc-flood', peer });
  tell({ code: 'grpc-not-read', peer: 'a' });
  nowMs = 10_000;
  tell({ code: 'grpc-flood', peer: 'd' });
  expect(told).toEqual([
    { code: 'grpc-flood', peer: 'a', count: 1, text: 'proxy connection' },
    { code: 'grpc-not-read', peer: 'a', count: 1, text: 'proxy connection' },
    { code: 'grpc-flood', peer: 'd', count: 3, text: 'proxy connection' },
  ]);
});
