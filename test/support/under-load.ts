import { askAll } from '../../src/app/demo/stack/ask.ts';
import type { DemoStack } from '../../src/app/demo/stack/demo-stack.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import type { LoadResult } from '../../src/sim/load/send-load.ts';

/** Senders, each with a request at every proxy of two at a time. */
const SENDERS = 4;
/** Requests that are in flight at any moment. */
export const IN_FLIGHT = SENDERS * 2;
/** As many follow when all is done, so that what it left is seen. */
const REQUESTS_AFTER = 200;

/** Sends requests through the proxies of a gateway while something is done; how many ended in which way. */
export async function underLoad(stack: DemoStack, act: () => Promise<void>): Promise<Readonly<Record<string, number>>> {
  let isOver = false;
  const results: LoadResult[] = [];
  const asks = [{ prompt: 'reply: a' }, { prompt: 'reply: b' }];
  const sending = Array.from({ length: SENDERS }, async () => {
    while (!isOver) results.push(...(await askAll(stack, asks, { concurrency: 2 })));
  });
  await act();
  const enough = results.length + REQUESTS_AFTER;
  await waitUntil('the requests behind it', () => (results.length >= enough ? true : undefined));
  isOver = true;
  await Promise.all(sending);
  const ways = Map.groupBy(results, ({ outcome, status }) => (outcome === 'ok' ? outcome : `${outcome} ${status}`));
  return Object.fromEntries([...ways].map(([way, list]) => [way, list.length]));
}
