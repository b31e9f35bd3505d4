import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { framed } from '../../core/base/grpc-frame.ts';
import type { GrpcLimits } from './grpc-limits.ts';
import type { GrpcCall, GrpcFailure, GrpcMethod } from './grpc-method.ts';
import { GRPC_STATUS } from './grpc-reply.ts';
import { type GrpcServer, startGrpcServer } from './grpc-server.ts';

/** The preface, and settings without any. */
const HTTP2_OPENING = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');
/** The last stream and the error are 0. */
const HTTP2_GOAWAY = Buffer.from('\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\0', 'latin1');

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Lab {
  readonly server: GrpcServer;
  readonly port: number;
  readonly calls: GrpcCall[];
  readonly messages: string[];
  readonly reasons: string[];
  readonly failures: GrpcFailure['code'][];
}

/** A server with one method that echoes what it is sent, and ends when the client does. */
async function lab(limits: Partial<GrpcLimits> = {}): Promise<Lab> {
  const seen = { calls: [] as GrpcCall[], messages: [] as string[], reasons: [] as string[] };
  const failures: GrpcFailure['code'][] = [];
  const echo: GrpcMethod = {
    path: '/test.Echo/Echo',
    requestBytesMax: 1_000,
    open(call) {
      seen.calls.push(call);
      return {
        message(bytes) {
          seen.messages.push(new TextDecoder().decode(bytes));
          call.write(bytes);
        },
        halfClosed: () => call.end(GRPC_STATUS.ok),
        closed: (reason) => seen.reasons.push(reason),
      };
    },
  };
  const server = await startGrpcServer({
    listen: [{ host: '127.0.0.1', port: 0 }],
    methods: [echo],
    limits,
    onFailure: ({ code }) => failures.push(code),
  });
  ends.push(() => server.close());
  const [address] = server.addresses;
  return { server, port: address !== undefined && 'port' in address ? address.port : 0, failures, ...seen };
}

function session(port: number): ClientHttp2Session {
  const connected = connect(`http://127.0.0.1:${port}`);
  connected.on('error', () => {
    // the test looks at what becomes of its calls
  });
  ends.push(() => connected.destroy());
  return connected;
}

interface Call {
  readonly stream: ClientHttp2Stream;
  readonly ended: Promise<{ readonly status: string | undefined; readonly message: string | undefined }>;
}

function callOn(on: ClientHttp2Session, path = '/test.Echo/Echo'): Call {
  const stream = on.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' });
  stream.on('error', () => {
    // 'close' follows
  });
  stream.resume();
  let last: Record<string, unknown> = {};
  stream.on('response', (headers) => {
    last = { ...headers };
  });
  stream.on('trailers', (trailers) => {
    last = { ...trailers };
  });
  const ended = new Promise<{ status: string | undefined; message: string | undefined }>((resolve) => {
    const field = (name: string) => (last[name] === undefined ? undefined : String(last[name]));
    stream.on('close', () => resolve({ status: field('grpc-status'), message: field('grpc-message') }));
  });
  return { stream, ended };
}

const text = (value: string): Uint8Array => framed(new TextEncoder().encode(value));

test('messages go both ways, and the status is that of the receiver', async () => {
  const { port, messages, reasons } = await lab();
  const echo = callOn(session(port));
  echo.stream.end(Buffer.concat([text('one'), text('two')]));
  expect(await echo.ended).toEqual({ status: '0', message: undefined });
  expect({ messages, reasons }).toEqual({ messages: ['one', 'two'], reasons: ['ended'] });
});

describe('what is refused', () => {
  test('an unknown method, a message that is too large, compressed or cut off', async () => {
    const { port } = await lab();
    const on = session(port);
    expect((await callOn(on, '/test.Echo/Other').ended).status).toBe('12');
    const answers = await Promise.all(
      [text('x'.repeat(1_001)), Uint8Array.of(1, 0, 0, 0, 0), text('cut').subarray(0, 6)].map((bytes) => {
        const refused = callOn(on);
        refused.stream.end(bytes);
        return refused.ended;
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(['8', '12', '3']);
  });

  test('more calls than the limit, until one ends', async () => {
    const { port, failures } = await lab({ callsMax: 1 });
    const on = session(port);
    const first = callOn(on);
    first.stream.write(text('one'));
    expect((await callOn(on).ended).status).toBe('8');
    expect(failures).toEqual(['grpc-too-many-calls']);
    first.stream.end();
    await first.ended;
    const second = callOn(on);
    second.stream.end(text('two'));
    expect((await second.ended).status).toBe('0');
  });

  test('more connections than the limit are closed unheard', async () => {
    const { port, failures } = await lab({ connectionsMax: 1 });
    const first = callOn(session(port));
    first.stream.end(text('one'));
    await first.ended;
    const socket = connectSocket(port, '127.0.0.1');
    await new Promise((resolve) => socket.once('close', resolve));
    expect(failures).toEqual(['grpc-too-many-connections']);
  });
});

describe('slow and silent clients', () => {
  test('a call without a message is ended', async () => {
    const { port, failures } = await lab({ messageMs: 40 });
    expect(await callOn(session(port)).ended).toEqual({ status: '4', message: 'the message did not come in time' });
    expect(failures).toEqual(['grpc-too-slow']);
  });

  test('a message that comes byte by byte is ended', async () => {
    const { port } = await lab({ messageMs: 40 });
    const slow = callOn(session(port));
    slow.stream.write(text('one'));
    slow.stream.write(text('never whole').subarray(0, 7));
    expect((await slow.ended).status).toBe('4');
  });

  test('a connection without a call is closed', async () => {
    const { port, failures } = await lab({ idleConnectionMs: 40 });
    const socket = connectSocket(port, '127.0.0.1');
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(failures).toEqual(['grpc-connection-silent']);
  });

  test('a client that answers no ping is cut', async () => {
    const { port, failures } = await lab({ keepAliveMs: 40, keepAliveTimeoutMs: 40 });
    // The preface and empty settings: after that this client says nothing, to a ping neither.
    const socket = connectSocket(port, '127.0.0.1');
    socket.resume();
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    socket.write(Buffer.from('000000040000000000', 'hex'));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(failures).toEqual(['grpc-connection-silent']);
  });

  test('one that floods is read at a bounded rate, and loses nothing', async () => {
    const { port, messages, failures } = await lab({ messagesPerSecond: 10, keepAliveMs: 40 });
    const flood = callOn(session(port));
    const sent = Array.from({ length: 35 }, (_, index) => `${index}`);
    flood.stream.end(Buffer.concat(sent.map(text)));
    expect((await flood.ended).status).toBe('0');
    expect(messages).toEqual(sent);
    expect(new Set(failures)).toEqual(new Set(['grpc-flood']));
  });
});

test('a client that says it is done and keeps its connection is neither pinged nor kept', async () => {
  const { server, port } = await lab({ keepAliveMs: 20, keepAliveTimeoutMs: 20 });
  const client = connectSocket({ port, host: '127.0.0.1', allowHalfOpen: true });
  ends.push(() => client.destroy());
  const closed = new Promise((resolve) => client.once('close', resolve));
  client.once('error', () => undefined);
  client.resume();
  client.write(HTTP2_OPENING);
  client.write(HTTP2_GOAWAY);
  await new Promise((resolve) => client.once('end', resolve));
  expect(server.connections()).toBe(1);
  // What is written to a socket that the server has destroyed is answered by a reset.
  const poke = setInterval(() => client.write(HTTP2_GOAWAY), 100);
  await closed;
  clearInterval(poke);
  expect(server.connections()).toBe(0);
});

test('connections are renewed at an age: calls end, and the client may come again', async () => {
  const { port } = await lab({ connectionAgeMs: 40, keepAliveMs: 40 });
  const old = session(port);
  const ended = callOn(old);
  ended.stream.write(text('one'));
  expect(await ended.ended).toEqual({ status: '14', message: 'the connection is renewed' });
  await new Promise((resolve) => old.once('close', resolve));
  const next = callOn(session(port));
  next.stream.end(text('two'));
  expect((await next.ended).status).toBe('0');
});

test('draining ends calls and connections and takes no new one', async () => {
  const { server, port, reasons } = await lab();
  const on = session(port);
  const open = callOn(on);
  open.stream.write(text('one'));
  await new Promise((resolve) => open.stream.once('data', resolve));
  const drained = server.drain(20);
  expect(await open.ended).toEqual({ status: '14', message: 'the server is going away' });
  await drained;
  expect(reasons).toEqual(['ended']);
  await expect.poll(() => server.connections()).toBe(0);
  const socket = connectSocket(port, '127.0.0.1');
  expect(await new Promise((resolve) => socket.once('error', resolve))).toMatchObject({ code: 'ECONNREFUSED' });
});

test('ten thousand calls come and go, and leave nothing', async () => {
  const { server, port, calls, reasons } = await lab();
  const on = session(port);
  for (let round = 0; round < 100; round += 1) {
    const batch = Array.from({ length: 100 }, () => callOn(on));
    for (const [index, each] of batch.entries()) {
      each.stream.write(text('x'));
      if (index % 2 === 0) each.stream.end();
      else each.stream.close(constants.NGHTTP2_CANCEL);
    }
    await Promise.all(batch.map(({ ended }) => ended));
  }
  await expect.poll(() => server.calls()).toBe(0);
  expect(reasons.length).toBe(calls.length);
});

test('calls that both sides end at one time leave nothing, on connections that stay', async () => {
  const { server, port } = await lab();
  for (let round = 0; round < 60; round += 1) {
    const client = session(port);
    for (let index = 0; index < 6; index += 1) {
      const call = client.request({
        ':method': 'POST',
        ':path': '/test.Echo/Echo',
        'content-type': 'application/grpc',
      });
      call.on('error', () => undefined);
      call.resume();
      call.write(framed(new Uint8Array(index)));
      // Of some the second message says that it is compressed: the server ends the call.
      call.write(Uint8Array.of(index > 3 ? 1 : 0, 0, 0, 0, 0));
      const code = index % 2 === 0 ? constants.NGHTTP2_NO_ERROR : constants.NGHTTP2_CANCEL;
      setTimeout(() => call.close(code), (round * 7 + index * 5) % 25);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await expect.poll(() => server.calls(), { timeout: 10_000 }).toBe(0);
  expect(server.connections()).toBe(60);
});
