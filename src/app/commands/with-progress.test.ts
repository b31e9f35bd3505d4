import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withProgress } from './with-progress.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What is written while work of this length goes on. */
async function written(
  isTTY: boolean,
  lastsMs: number,
  work: () => string,
): Promise<{ outcome: string; texts: string[] }> {
  const texts: string[] = [];
  const stream = { isTTY, write: (text: string) => texts.push(text) };
  const done = new Promise<void>((resolve) => setTimeout(resolve, lastsMs)).then(work);
  const outcome = withProgress('checking', done, stream).catch((error: Error) => error.message);
  await vi.advanceTimersByTimeAsync(lastsMs + 5_000);
  return { outcome: await outcome, texts };
}

const CLEAR = '\r\u001b[K';

test('a terminal sees the seconds of long work, and then nothing of it', async () => {
  expect(await written(true, 2_500, () => 'ok')).toEqual({
    outcome: 'ok',
    texts: [`${CLEAR}checking ... 1 s`, `${CLEAR}checking ... 2 s`, CLEAR],
  });
});

test('work of less than a second is not told', async () => {
  expect(await written(true, 900, () => 'ok')).toEqual({ outcome: 'ok', texts: [] });
});

test('what is no terminal sees nothing', async () => {
  expect(await written(false, 9_000, () => 'ok')).toEqual({ outcome: 'ok', texts: [] });
});

test('work that fails clears the line too', async () => {
  const failing = () => {
    throw new Error('no opa');
  };
  expect(await written(true, 1_500, failing)).toEqual({
    outcome: 'no opa',
    texts: [`${CLEAR}checking ... 1 s`, CLEAR],
  });
});
