import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { postJson } from './post-json.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listening(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const never = new AbortController().signal;
const post = (url: string) => ({ url, headers: {}, body: '{}' });

test('a server that never answers is given up after a while', async () => {
  const url = await listening(() => undefined);
  await expect(postJson(post(url), never, 20)).rejects.toMatchObject({
    ...{ name: 'PostError', code: 'post-timeout', message: `${new URL(url).host}: no answer within 20 ms` },
  });
});

test('a token that no header can carry is a failure that does not tell it', async () => {
  const url = await listening(() => undefined);
  const headers = { authorization: 'Bearer a\nb' };
  await expect(postJson({ url, headers, body: '{}' }, never)).rejects.toMatchObject({
    ...{ name: 'PostError', code: 'post-unreachable' },
    message: `${new URL(url).host}: Invalid character in header content ["authorization"]`,
  });
});

test('a server that never ends its answer is given up too', async () => {
  const url = await listening((_request, response) => response.write('{'));
  await expect(postJson(post(url), never, 20)).rejects.toMatchObject({ code: 'post-timeout' });
});

test('of a long answer only the beginning is read', async () => {
  const url = await listening((_request, response) => response.writeHead(500).end('x'.repeat(1_000_000)));
  expect(await postJson(post(url), never)).toEqual({ status: 500, text: 'x'.repeat(16 * 1024) });
});

test.each([
  ['seconds', { 'retry-after': '5' }, 5_000],
  ['a date in the past', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }, 0],
  ['more than an hour', { 'retry-after': '999999' }, 3_600_000],
  ["the end of GitHub's hour", { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' }, 0],
])('a pause is told in %s', async (_, headers, retryAfterMs) => {
  const url = await listening((_request, response) => response.writeHead(429, headers).end());
  expect(await postJson(post(url), never)).toEqual({ status: 429, text: '', retryAfterMs });
});

test.each([
  ['what is no time', { 'retry-after': 'soon' }],
  ['a limit of which something remains', { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '99999999999' }],
])('%s is no pause', async (_, headers) => {
  const url = await listening((_request, response) => response.writeHead(429, headers).end());
  expect(await postJson(post(url), never)).toEqual({ status: 429, text: '' });
});
