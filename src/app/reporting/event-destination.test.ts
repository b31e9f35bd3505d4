import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cloudEvent } from './cloud-events.ts';
import { forgetOtherDestinations, openEventDestination } from './event-destination.ts';

let directory: string;
let server: Server;
let status: number;
let received: (string | undefined)[];
let ends: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'headgate-destination-'));
  [status, received, ends] = [503, [], []];
  server = createServer((request, response) => {
    received.push(request.headers['webhook-id'] as string);
    request.resume().on('end', () => response.writeHead(status).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.close();
  server.closeAllConnections();
  await rm(directory, { recursive: true });
});

const settings = () => ({
  target: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` },
  secret: { kind: 'env', name: 'NO_SUCH_SECRET' } as const,
});
const open = () =>
  openEventDestination(settings(), {
    ...{ directory, random: () => 0, onFailure: (cause) => ends.push(String(cause)) },
    onEnd: (end) => ends.push(end),
    clock: {
      nowMs: () => performance.now(),
      wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
    },
  });
const event = (reason: string) =>
  cloudEvent({ about: 'source', kind: 'fetch-failed', code: 'c', message: reason }, 'demo', Date.now());

test('an event that nobody took is sent by the next process, with its id and in its place', async () => {
  const [first, second] = [event('one'), event('two')];
  const before = await open();
  before.put(first);
  before.put(second);
  await expect.poll(() => received).toEqual([first.id]);
  await before.close(0);
  expect(ends).toEqual(['left', 'left']);
  [status, received, ends] = [202, [], []];
  const after = await open();
  await expect.poll(() => ends).toEqual(['delivered', 'delivered']);
  expect(received).toEqual([first.id, second.id]);
  await after.close(0);
  await (await open()).close(0);
  expect(received).toHaveLength(2);
});

test('what waits for a receiver that is no more in the settings is forgotten', async () => {
  const before = await open();
  before.put(event('one'));
  await before.close(0);
  await forgetOtherDestinations(directory, [settings()]);
  expect(await readdir(directory)).toHaveLength(1);
  await forgetOtherDestinations(directory, []);
  expect(await readdir(directory)).toEqual([]);
});
