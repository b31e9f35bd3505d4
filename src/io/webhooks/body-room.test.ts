import { type ClientRequest, request } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

const MIB = 1024 * 1024;

let server: WebhookServer;
let results: string[];
const open: ClientRequest[] = [];

beforeEach(async () => {
  results = [];
  server = await startWebhookServer({
    listen: { host: '127.0.0.1', port: 0 },
    secrets: new Map([['gitlab', () => 'secret']]),
    isWatched: () => true,
    onPush: () => undefined,
    onResult: (forge, result) => results.push(`${forge} ${result}`),
    onRefusal: () => undefined,
    nowMs: () => 0,
  });
});
afterEach(async () => {
  for (const each of open.splice(0)) each.destroy();
  await server.close();
});

/** A delivery that claims to have 8 MiB, and what comes of it. */
function delivery(): { outgoing: ClientRequest; status: Promise<number | undefined> } {
  const { port } = server.address as { port: number };
  const headers = { 'content-type': 'application/json', 'content-length': 8 * MIB, 'x-gitlab-token': 'secret' };
  const outgoing = request({ host: '127.0.0.1', port, path: '/webhooks/gitlab', method: 'POST', headers });
  open.push(outgoing);
  outgoing.on('error', () => undefined);
  const status = new Promise<number | undefined>((resolve) => {
    outgoing.on('response', (answer) => resolve(answer.resume().statusCode));
    outgoing.on('close', () => resolve(undefined));
  });
  return { outgoing, status };
}

const sent = (outgoing: ClientRequest, bytes: number) =>
  new Promise<void>((resolve) => {
    outgoing.write(Buffer.alloc(bytes, ' '), () => resolve());
  });

test('bodies that only are announced take no room', async () => {
  const waiting = Array.from({ length: 16 }, delivery);
  await Promise.all(waiting.map((each) => sent(each.outgoing, 1)));
  const last = delivery();
  last.outgoing.end(Buffer.alloc(8 * MIB, ' '));
  expect([await last.status, results]).toEqual([202, ['gitlab fetch']]);
});

test('bodies that came take it until they are answered', async () => {
  const waiting = Array.from({ length: 9 }, delivery);
  for (const { outgoing } of waiting) outgoing.write(Buffer.alloc(8 * MIB - 1, ' '));
  expect(await Promise.race(waiting.map((each) => each.status))).toBe(429);
  for (const { outgoing } of waiting) outgoing.end(' ');
  await Promise.all(waiting.map((each) => each.status));
  const last = delivery();
  last.outgoing.end(Buffer.alloc(8 * MIB, ' '));
  expect(await last.status).toBe(202);
});
