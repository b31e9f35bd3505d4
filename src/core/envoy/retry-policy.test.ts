import { describe, expect, test } from 'vitest';
import type { RetryWord } from '../ir/route.ts';
import { retryPolicy } from './retry-policy.ts';

const ALL_5XX = Array.from({ length: 100 }, (_, index) => 500 + index);

describe('retryPolicy', () => {
  test.each<[readonly RetryWord[], string, readonly number[]]>([
    [[], 'retriable-status-codes', [401]],
    [['connect'], 'connect-failure,refused-stream,retriable-status-codes', [401]],
    [['reset'], 'reset,retriable-status-codes', [401]],
    [['timeout'], 'reset,retriable-status-codes', [401]],
    [['429'], 'retriable-status-codes', [401, 429, 529]],
    [['5xx'], 'retriable-status-codes', [401, ...ALL_5XX]],
    [['5xx', '429'], 'retriable-status-codes', [401, 429, ...ALL_5XX]],
    [['5xx', 'reset'], '5xx,reset,retriable-status-codes', [401]],
    [
      ['connect', 'reset', '5xx', '429', 'timeout'],
      '5xx,reset,connect-failure,refused-stream,retriable-status-codes',
      [401, 429, 529],
    ],
  ])('%j', (words, retryOn, retriableStatusCodes) => {
    const policy = retryPolicy(words, 1_000);
    expect({ retryOn: policy.retryOn, retriableStatusCodes: policy.retriableStatusCodes }).toEqual({
      retryOn,
      retriableStatusCodes,
    });
  });

  test('a try ends by its own clock', () => {
    expect(retryPolicy(['timeout'], 1_025).perTryTimeout).toBe('1.025s');
  });
});
