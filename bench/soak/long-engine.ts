import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { METRICS_TEXT } from '../support/chat-answers.ts';

/** How long an answer is streamed, and how often a part of it comes. */
const ANSWER_MS = 20_000;
const PART_EVERY_MS = 250;

const HEAD = { id: 'chatcmpl-long', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'long-1' };

/** An engine that says little for long: its streams are open while everything else changes. Gives `ip:port`. */
export async function startLongEngine(owned: AsyncDisposableStack): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === '/metrics') response.end(METRICS_TEXT);
    else request.once('end', () => stream(response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  owned.defer(() => close(server));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function stream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const say = (more: object) => response.write(`data: ${JSON.stringify({ ...HEAD, ...more })}\n\n`);
  let parts = Math.ceil(ANSWER_MS / PART_EVERY_MS);
  const timer = setInterval(() => {
    parts -= 1;
    say({ choices: [{ index: 0, delta: { content: ' word' }, finish_reason: parts === 0 ? 'stop' : null }] });
    if (parts > 0) return;
    clearInterval(timer);
    say({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 80, total_tokens: 85 } });
    response.end('data: [DONE]\n\n');
  }, PART_EVERY_MS);
  response.once('close', () => clearInterval(timer));
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
