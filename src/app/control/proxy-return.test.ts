import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ProxyReturn, waitForReturn } from './proxy-return.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Lab extends ProxyReturn {
  /** What happened, in order. */
  readonly seen: string[];
}

function lab(hadProxies: boolean): Lab {
  const seen: string[] = [];
  const proxyReturn = waitForReturn(hadProxies, () => seen.push('end'));
  return { ...proxyReturn, seen };
}

/** Notes when somebody who waits from now on may go on. */
function wait({ ended, seen }: Lab): void {
  void ended().then(() => seen.push('went on'));
}

describe('proxies', () => {
  test('that never were are not waited for', async () => {
    const it = lab(false);
    wait(it);
    await vi.advanceTimersByTimeAsync(0);
    expect([it.isWaiting(), it.seen]).toEqual([false, ['went on']]);
  });

  test('that were here before a start are waited for, longer than their back-off', async () => {
    const it = lab(true);
    wait(it);
    await vi.advanceTimersByTimeAsync(7_999);
    expect([it.isWaiting(), it.seen]).toEqual([true, []]);
    await vi.advanceTimersByTimeAsync(1);
    expect([it.isWaiting(), it.seen]).toEqual([false, ['end', 'went on']]);
  });

  test('that go away are waited for from the last one on', async () => {
    const it = lab(false);
    it.restart();
    await vi.advanceTimersByTimeAsync(5_000);
    it.restart();
    wait(it);
    await vi.advanceTimersByTimeAsync(7_999);
    expect([it.isWaiting(), it.seen]).toEqual([true, []]);
    await vi.advanceTimersByTimeAsync(1);
    expect([it.isWaiting(), it.seen]).toEqual([false, ['end', 'went on']]);
  });

  test('that come and go all the time are not waited for without end', async () => {
    const it = lab(false);
    it.restart();
    wait(it);
    for (let gone = 0; gone < 6; gone += 1) {
      await vi.advanceTimersByTimeAsync(5_000);
      it.restart();
    }
    expect([it.isWaiting(), it.seen]).toEqual([true, []]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect([it.isWaiting(), it.seen]).toEqual([false, ['end', 'went on']]);
  });

  test('are not waited for when the server closes', async () => {
    const it = lab(true);
    wait(it);
    it.close();
    it.restart();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([it.isWaiting(), it.seen, vi.getTimerCount()]).toEqual([false, ['went on'], 0]);
  });
});
