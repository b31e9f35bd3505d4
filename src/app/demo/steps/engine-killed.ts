import { present } from '../../../core/base/assert.ts';
import type { LoadResult } from '../../../sim/load/send-load.ts';
import { askAll, decisionOf } from '../stack/ask.ts';
import type { DemoStack } from '../stack/demo-stack.ts';
import { waitUntil } from '../stack/wait-until.ts';
import { checkEqual, checkThat, type Step } from '../step.ts';

const REQUESTS = 160;
const CONCURRENCY = 32;
/** About half a second of streaming, so that streams are flowing at any moment. */
const ANSWER_TOKENS = 40;
/** The engine is killed when it has so many plain requests and as many streams that it has not answered to the end. */
const OPEN_AT_DEATH = 2;

/** (d) An engine dies in the middle of the traffic. */
export const engineKilled: Step = {
  letter: 'd',
  title: 'an engine is killed under load',
  run: async (stack, notes) => {
    const victim = present(stack.engines.addresses[0], 'an engine');
    const { written: writtenBefore } = (await stack.admin.status()).records;
    const asks = Array.from({ length: REQUESTS }, (_, index) => ({
      prompt: `${index} tell me more`,
      stream: index % 4 < 2,
      tokens: ANSWER_TOKENS,
    }));
    const sent = askAll(stack, asks, { concurrency: CONCURRENCY });
    await killWhenBusy(stack, victim);
    const results = await sent;
    const cut = results.filter(({ outcome }) => outcome === 'reset-after-headers');
    const failed = results.filter(({ outcome }) => outcome !== 'ok' && outcome !== 'reset-after-headers');
    const records = await stack.admin.records(results.filter((result) => !failed.includes(result)).map(decisionOf));
    const moved = records.filter(({ outcome }) => (outcome?.served?.attempt ?? 1) > 1);
    const written = await waitUntil('the records to be written', async () => {
      const { records: stats } = await stack.admin.status();
      return stats.written - writtenBefore >= REQUESTS ? stats.written - writtenBefore : undefined;
    });
    if (moved[0] !== undefined) notes.decisions.set('failed over', moved[0].id);
    const streamsCut = await stack.admin.records(cut.map(decisionOf));
    await stack.engines.restart(victim);
    await stack.settled();
    return {
      did: [
        `${REQUESTS} requests, half plain and half streamed, ${CONCURRENCY} at a time; the engine at ${victim} is killed (SIGKILL) with ${OPEN_AT_DEATH} or more of each open.`,
        'Then it is started again, with an empty memory.',
      ],
      saw: [
        `${count(results, 'ok')} answered, ${moved.length} of them by another engine than first asked, ${cut.length} streams ended early`,
      ],
      checks: [
        checkEqual('no request failed that had not yet received the headers of its answer', failed.map(describe), []),
        checkThat('requests of the dead engine moved to another', moved.length > 0, 'one or more', moved.length),
        checkThat('streams that flowed ended', cut.length > 0, 'one or more', cut.length),
        checkEqual(
          'only streams were cut',
          cut.map(({ index }) => index),
          streamsCut.flatMap(({ request }, at) => (request.stream === true ? [cut[at]?.index] : [])),
        ),
        checkEqual(
          'each stream that was cut is recorded as incomplete',
          streamsCut.map(({ outcome }) => outcome?.kind),
          cut.map(() => 'incomplete'),
        ),
        checkEqual('one record for each request', written, REQUESTS),
      ],
    };
  },
};

async function killWhenBusy(stack: DemoStack, victim: string): Promise<void> {
  const engine = stack.engines.at(victim);
  await waitUntil(`plain requests and streams on ${victim}`, async () => {
    const open = (await engine.requests()).filter(({ outcome }) => outcome === 'open');
    const streams = open.filter(({ body }) => (JSON.parse(body ?? '{}') as { stream?: boolean }).stream).length;
    return Math.min(streams, open.length - streams) >= OPEN_AT_DEATH ? open : undefined;
  });
  await engine.kill();
}

function count(results: readonly LoadResult[], outcome: LoadResult['outcome']): number {
  return results.filter((result) => result.outcome === outcome).length;
}

function describe({ index, outcome, status }: LoadResult): string {
  return `request ${index}: ${outcome} ${status ?? ''}`;
}
