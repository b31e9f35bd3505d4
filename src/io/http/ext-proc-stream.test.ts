import { spawnSync } from 'node:child_process';
import { constants } from 'node:http2';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { resetWithoutEnd } from '../../../test/support/ext-proc-client-bare-reset.ts';
import { type Call, frame } from '../../../test/support/ext-proc-client-call.ts';
import { envoyMessage } from '../../../test/support/ext-proc-client-messages.ts';
import { type ServerLab, startServerLab } from '../../../test/support/ext-proc-server-lab.ts';
import type { ProcessingRequest } from '../../core/exchange/messages.ts';

const labs: ServerLab[] = [];
async function lab(...options: Parameters<typeof startServerLab>): Promise<ServerLab> {
  const started = await startServerLab(...options);
  labs.push(started);
  return started;
}
afterEach(async () => {
  for (const started of labs.splice(0)) await started.stop();
});

const HEADERS = envoyMessage({ kind: 'request-headers', headers: [[':path', '/v1/x']], endOfStream: false }, {});
const BODY = envoyMessage({ kind: 'request-body', body: Buffer.from('{"model":"m"}'), endOfStream: true }, {});

async function replyCount(call: Call): Promise<number> {
  let count = 0;
  while ((await call.next()) !== undefined) count += 1;
  return count;
}

describe('framing', () => {
  test('messages cut at every byte arrive whole', async () => {
    const { client, exchanges } = await lab();
    const bytes = Buffer.concat([frame(HEADERS), frame(BODY)]);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const call = client.call();
      call.sendRaw(bytes.subarray(0, cut));
      await new Promise((resolve) => call.stream.write(bytes.subarray(cut), resolve));
      expect([await call.next(), await call.next()].map((reply) => reply?.length)).toEqual([4, 4]);
      call.stream.end();
      expect(await call.ended).toEqual({ status: 0, rstCode: 0 });
    }
    const kinds = exchanges.map((exchange) => exchange.messages.map((message) => message.kind));
    expect(kinds).toEqual(new Array(bytes.length - 1).fill(['request-headers', 'request-body']));
  });

  test('many messages in one piece are answered in order', async () => {
    const { client, exchanges } = await lab();
    const call = client.call();
    call.sendRaw(Buffer.concat([frame(HEADERS), ...new Array(200).fill(frame(BODY))]));
    call.stream.end();
    expect({ replies: await replyCount(call), end: await call.ended }).toEqual({
      replies: 201,
      end: { status: 0, rstCode: 0 },
    });
    expect(exchanges[0]?.messages.length).toBe(201);
  });

  test('a body of 8 MiB passes', async () => {
    const { client, exchanges } = await lab();
    const call = client.call();
    const body = Buffer.alloc(8 * 1024 * 1024, 'x');
    call.send(envoyMessage({ kind: 'request-body', body, endOfStream: true }, {}));
    call.stream.end();
    expect(await replyCount(call)).toBe(1);
    expect(exchanges[0]?.messages.map(bodyLength)).toEqual([body.length]);
  });

  test('what the client says at the start reaches the exchange', async () => {
    const { client, exchanges } = await lab();
    const call = client.call({ 'x-headgate-role': 'adapt', 'x-headgate-revision': 'sha256-1' });
    call.send(HEADERS);
    await call.next();
    expect(exchanges[0]?.opening).toEqual({ role: 'adapt', revision: 'sha256-1' });
  });

  test('a Unix socket serves as TCP does', async () => {
    const { client } = await lab({ unixSocket: true });
    const call = client.call();
    call.send(HEADERS);
    expect((await call.next())?.length).toBe(4);
  });
});

function bodyLength(message: ProcessingRequest): number {
  return 'body' in message ? message.body.length : 0;
}

describe('what is refused', () => {
  const wrong: [string, Uint8Array, number, string][] = [
    ['a message above the limit', Uint8Array.of(0, 3, 0, 0, 0), 8, 'ext-proc-too-large'],
    ['a compressed message', Uint8Array.of(1, 0, 0, 0, 0), 12, 'ext-proc-compressed'],
    ['bytes that are no message', frame(Uint8Array.of(0x12, 9)), 3, 'ext-proc-malformed'],
  ];
  test.each(wrong)('%s', async (_name, bytes, status, code) => {
    const { client, exchanges, failures } = await lab();
    const call = client.call();
    call.sendRaw(bytes);
    expect((await call.ended).status).toBe(status);
    expect(failures.map((failure) => failure.code)).toEqual([code]);
    expect(exchanges.map((exchange) => exchange.ends)).toEqual([['error']]);
  });

  test('a stream that ends inside a message', async () => {
    const { client, exchanges, failures } = await lab();
    const call = client.call();
    call.sendRaw(frame(HEADERS).subarray(0, 9));
    call.stream.end();
    expect((await call.ended).status).toBe(3);
    expect(failures).toEqual([{ code: 'ext-proc-cut-off' }]);
    expect(exchanges.map((exchange) => exchange.ends)).toEqual([['error']]);
  });

  test('replies that pile up unread', async () => {
    const bytes = Buffer.alloc(62_000);
    const { client, exchanges, failures } = await lab({
      limits: { messageBytesMax: 10_000, streamsMax: 10 },
      answer: () => ({ replies: [{ kind: 'request-body', body: { kind: 'replace', bytes } }] }),
    });
    const call = client.call();
    call.send(BODY);
    expect((await call.ended).status).toBe(8);
    expect(failures).toEqual([{ code: 'ext-proc-backlog' }]);
    expect(exchanges.map((exchange) => exchange.ends)).toEqual([['error']]);
  });

  test('an exception of the handler ends its stream with a bland status', async () => {
    const cause = new Error('secret insides');
    const { client, exchanges, failures } = await lab({
      answer: () => {
        throw cause;
      },
    });
    const call = client.call();
    const trailers = new Promise((resolve) => call.stream.once('response', resolve));
    call.send(HEADERS);
    expect(await trailers).toMatchObject({ 'grpc-status': '13', 'grpc-message': 'internal error' });
    expect(failures).toEqual([{ code: 'ext-proc-handler-failed', cause }]);
    expect(exchanges.map((exchange) => exchange.ends)).toEqual([['error']]);
  });
});

test('a bug in the handler stops the process', () => {
  const crash = fileURLToPath(new URL('../../../test/support/ext-proc-server-bug.ts', import.meta.url));
  const run = spawnSync(process.execPath, [crash], { encoding: 'utf8' });
  expect({
    status: run.status,
    said: run.stderr.includes('AssertionFailure: a bug on purpose'),
    out: run.stdout,
  }).toEqual({
    status: 1,
    said: true,
    out: '',
  });
});

describe('the end of an exchange comes once', () => {
  type Ending = (call: Call) => unknown;
  const endings: [string, Ending, string][] = [
    ['half-close', (call) => call.stream.end(), 'half-close'],
    [
      'half-close and reset',
      (call) => [call.stream.end(), call.stream.close(constants.NGHTTP2_CANCEL)],
      'half-close|cancelled',
    ],
    // Node's client ends a stream before it resets it: whether the end is seen first is chance, for us and for Envoy.
    ['reset', (call) => call.stream.close(constants.NGHTTP2_CANCEL), 'half-close|cancelled'],
    ['reset without an error', (call) => call.stream.close(constants.NGHTTP2_NO_ERROR), 'half-close|cancelled'],
    ['reset by an error', (call) => call.stream.close(constants.NGHTTP2_INTERNAL_ERROR), 'half-close|cancelled'],
    ['lost connection', (call) => call.stream.session?.destroy(), 'cancelled'],
  ];
  const before: [string, (call: Call) => Promise<unknown>][] = [
    ['before any message', async () => undefined],
    ['after an unanswered message', async (call) => call.send(HEADERS)],
    [
      'after a reply',
      async (call) => {
        call.send(HEADERS);
        await call.next();
      },
    ],
  ];
  const cases = endings.flatMap(([name, end, reason]) =>
    before.map(([when, prepare]) => ({ name, end, reason, when, prepare })),
  );
  test.each(cases)('$name $when', async ({ end, reason, prepare }) => {
    const { client, nextExchange, server } = await lab();
    const call = client.call();
    const exchange = await nextExchange();
    await prepare(call);
    end(call);
    expect(await exchange.ended).toMatch(new RegExp(`^(${reason})$`));
    await call.ended;
    expect({ ends: exchange.ends.length, open: server.openExchanges() }).toEqual({ ends: 1, open: 0 });
  });

  test.each([
    ['NO_ERROR', constants.NGHTTP2_NO_ERROR],
    ['CANCEL', constants.NGHTTP2_CANCEL],
    ['INTERNAL_ERROR', constants.NGHTTP2_INTERNAL_ERROR],
  ])('bare reset with %s', async (_name, rstCode) => {
    const { server, exchanges } = await lab();
    await resetWithoutEnd(server.address, HEADERS, rstCode);
    expect(await exchanges[0]?.ended).toBe('cancelled');
    expect({ ends: exchanges[0]?.ends, open: server.openExchanges() }).toEqual({ ends: ['cancelled'], open: 0 });
  });

  test('the exchange ends it behind its last reply', async () => {
    const { client, exchanges } = await lab({
      answer: (message) => ({ replies: [{ kind: message.kind }], finished: true }),
    });
    const call = client.call();
    call.send(HEADERS);
    expect([(await call.next())?.length, await call.next(), (await call.ended).status]).toEqual([4, undefined, 0]);
    call.send(BODY);
    call.stream.end();
    expect(exchanges.map(({ ends, messages }) => [ends, messages.length])).toEqual([[['finished'], 1]]);
  });

  test('what is sent later arrives, and nothing is sent after the end', async () => {
    const { client, nextExchange } = await lab({ answer: () => ({ replies: [] }) });
    const call = client.call();
    const exchange = await nextExchange();
    call.send(HEADERS);
    await exchange.messageArrived;
    exchange.sender.send({ replies: [{ kind: 'request-headers' }] });
    expect((await call.next())?.length).toBe(4);
    call.stream.close(constants.NGHTTP2_CANCEL);
    await exchange.ended;
    exchange.sender.send({ replies: [{ kind: 'request-headers' }], finished: true });
    expect(exchange.ends.length).toBe(1);
  });
});
