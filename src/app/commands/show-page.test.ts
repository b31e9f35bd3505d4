import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ShowOptions, showPage } from './show-page.ts';

interface Count {
  readonly count: number;
}

let server: Server;
let count: number;
let looks: number;
/** Called before each answer. */
let onLook: () => void;

beforeEach(async () => {
  count = 1;
  looks = 0;
  onLook = () => undefined;
  server = createServer((asked, answer) => {
    looks += 1;
    onLook();
    const tag = `"${count}"`;
    const isKnown = asked.headers['if-none-match'] === tag;
    answer.writeHead(isKnown ? 304 : 200, { etag: tag }).end(isKnown ? undefined : JSON.stringify({ count }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.close();
});

const PAGE = {
  path: '/count',
  text: (view: Count) => `count ${view.count}\n`,
  changes: (view: Count, before: Count | undefined) =>
    before?.count === view.count ? [] : [`${before?.count ?? 'nothing'} to ${view.count}`],
};

/** What is written until the page was asked for so often. */
async function shown(options: Omit<ShowOptions, 'server'>, looksMax: number, isTTY = false): Promise<string[]> {
  const written: string[] = [];
  const stop = new AbortController();
  const asGiven = onLook;
  onLook = () => {
    asGiven();
    if (looks === looksMax) setImmediate(() => stop.abort());
  };
  const screen = { isTTY, write: (text: string) => written.push(text) };
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const signal = options.watch ? stop.signal : AbortSignal.abort();
  await showPage<Count>(PAGE, { server: at, ...options }, { screen, stop: signal, intervalMs: 1 });
  return written;
}

test('a page is shown once', async () => {
  expect(await shown({}, 1)).toEqual(['count 1\n']);
  expect(await shown({ json: true }, 2)).toEqual(['{"count":1}\n']);
});

test('a watch without a terminal prints a line for what changed', async () => {
  onLook = () => {
    if (looks === 3) count = 2;
  };
  const lines = await shown({ watch: true }, 4);
  expect(lines.map((line) => line.replace(/^\S+Z /, ''))).toEqual(['nothing to 1\n', '1 to 2\n']);
});

test('a watch as JSON prints an object a line, and nothing while nothing changed', async () => {
  onLook = () => {
    if (looks === 3) count = 2;
  };
  expect(await shown({ watch: true, json: true }, 4)).toEqual(['{"count":1}\n', '{"count":2}\n']);
});

test('a watch on a terminal draws anew', async () => {
  expect(await shown({ watch: true }, 2, true)).toEqual(['\u001b[H\u001b[Jcount 1\n', '\u001b[H\u001b[Jcount 1\n']);
});
