import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Delivery } from '../../src/io/forge/delivery.ts';
import { Outbox } from '../../src/io/forge/outbox.ts';

/** What is put in, and how the server answers the next request: `undefined` takes it. */
interface Step {
  readonly lane: string;
  readonly answer: Delivery | undefined;
}

const answer = fc.oneof(
  fc.constant<Delivery | undefined>(undefined),
  fc.constant<Delivery>({ kind: 'failed', why: 'status 503' }),
  fc.integer({ min: 0, max: 60_000 }).map((retryAfterMs): Delivery => ({ kind: 'failed', why: '429', retryAfterMs })),
);
const steps = fc.array(fc.record<Step>({ lane: fc.constantFrom('a', 'b', 'c'), answer }), { maxLength: 40 });

/** Puts everything in, in turns with the server's answers, and gives what the server took once nothing is left. */
async function taken(keep: 'newest' | 'all', told: readonly Step[]): Promise<string[]> {
  const answers = told.map((step) => step.answer);
  const delivered: string[] = [];
  let nowMs = 0;
  const outbox = new Outbox<string>({
    keep,
    random: () => 0.5,
    onEnd: () => undefined,
    clock: {
      nowMs: () => nowMs,
      wait: async (ms) => {
        await Promise.resolve();
        nowMs += ms;
      },
    },
    send: async (item) => {
      await Promise.resolve();
      const delivery = answers.shift();
      if (delivery === undefined) delivered.push(item);
      return delivery ?? { kind: 'delivered' };
    },
  });
  for (const [index, { lane }] of told.entries()) {
    outbox.put(lane, `${lane}${index}`);
    if (index % 3 === 0) await Promise.resolve();
  }
  await new Promise(setImmediate);
  await outbox.close(1_000);
  return delivered;
}

const indexOf = (item: string): number => Number(item.slice(1));
const ofLane = (items: readonly string[], lane: string): number[] =>
  items.filter((item) => item.startsWith(lane)).map(indexOf);

test('whatever fails, each lane ends with what was put into it last, and goes only forward', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (told) => {
      const delivered = await taken('newest', told);
      for (const lane of ['a', 'b', 'c']) {
        const put = told.flatMap((step, index) => (step.lane === lane ? [index] : []));
        const got = ofLane(delivered, lane);
        expect(got.at(-1)).toBe(put.at(-1));
        expect(got).toEqual([...got].sort((left, right) => left - right));
      }
    }),
  );
});

test('whatever fails, each lane that keeps all gives all of it in its order, once', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (told) => {
      const delivered = await taken('all', told);
      for (const lane of ['a', 'b', 'c']) {
        expect(ofLane(delivered, lane)).toEqual(told.flatMap((step, index) => (step.lane === lane ? [index] : [])));
      }
    }),
  );
});
