import { afterEach, expect, test } from 'vitest';
import { type FakeForge, HOOK_SECRET, startFakeForge } from '../../../test/support/fake-forge.ts';
import { type CloudEvent, sendEvent } from './send-event.ts';

const opened: FakeForge[] = [];
afterEach(async () => {
  for (const forge of opened.splice(0)) await forge.close();
});

async function started(hookSecret?: string): Promise<FakeForge> {
  const forge = await startFakeForge({ kind: 'github', ...(hookSecret === undefined ? {} : { hookSecret }) });
  opened.push(forge);
  return forge;
}

const never = new AbortController().signal;
const event: CloudEvent = {
  ...{ specversion: '1.0', id: 'event-1', source: '/headgate/prod-eu', type: 'dev.headgate.revision.serving.v1' },
  ...{ subject: 'abc', time: '2026-01-01T12:00:00Z', datacontenttype: 'application/json', data: { text: 'ünïcode' } },
};

test('an event is taken by a receiver that checks its signature and its form', async () => {
  const forge = await started();
  const sent = await sendEvent({ url: forge.hook }, event, { secret: HOOK_SECRET, nowMs: Date.now() }, never);
  expect([sent, forge.events]).toEqual([{ kind: 'delivered' }, [event]]);
});

test.each([
  ['another secret', { secret: 'whsec_b3RoZXI=', nowMs: Date.now() }],
  ['no secret', { secret: '', nowMs: Date.now() }],
  ['a time long ago', { secret: HOOK_SECRET, nowMs: 0 }],
])('%s is refused by it', async (_, how) => {
  const forge = await started();
  expect(await sendEvent({ url: forge.hook }, event, how, never)).toEqual({ kind: 'refused', why: 'status 400' });
  expect(forge.events).toEqual([]);
});

test.each([
  [{ status: 410 }, { kind: 'refused', why: 'status 410' }],
  [{ status: 415 }, { kind: 'refused', why: 'status 415' }],
  [
    { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
    { kind: 'refused', why: 'status 302' },
  ],
  [{ status: 404 }, { kind: 'failed', why: 'status 404' }],
  [{ status: 500 }, { kind: 'failed', why: 'status 500' }],
  [
    { status: 429, headers: { 'retry-after': '3' } },
    { kind: 'failed', why: 'status 429', retryAfterMs: 3_000 },
  ],
])('%j', async (reply, delivery) => {
  const forge = await started();
  forge.answerNext(reply);
  const how = { secret: HOOK_SECRET, nowMs: Date.now() };
  expect(await sendEvent({ url: forge.hook }, event, how, never)).toEqual(delivery);
});
