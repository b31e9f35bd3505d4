import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { present } from '../../core/base/assert.ts';
import type { Digest } from '../../core/base/digest.ts';
import { counterKey, NO_REQUESTS } from '../../core/rollout/revision-counters.ts';
import { FetchRequestSchema } from '../../gen/headgate/bundle/v1/bundle_pb.js';
import { createAuthority, issueCertificate } from '../../sim/certificates.ts';
import type { GrpcCall, GrpcMethod } from '../net/grpc-method.ts';
import { type GrpcServer, startGrpcServer } from '../net/grpc-server.ts';
import type { ListenAddress } from '../net/listen-address.ts';
import { type BundleClient, type BundleClientOptions, startBundleClient } from './bundle-client.ts';
import type { InUse } from './bundle-messages.ts';
import { type BundleServiceOptions, bundleMethods, type DeciderCall } from './bundle-server.ts';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const [ONE, TWO] = [digest('1'), digest('2')];
const HELLO = { decider: 'd-1', instance: 'i-1', address: '10.0.0.1:18001', version: '1' };
const IN_USE: InUse = { live: ONE, candidate: undefined, needed: [ONE], named: [TWO] };
const COUNTERS = new Map([
  [counterKey(ONE, 'edge'), { ...NO_REQUESTS, requests: 3, errors: 1, costUsd: 0.5, firstTokens: { 40: 2 } }],
]);

let path: string;
let folder: string;
const owned: { close(): unknown }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-bundles-'));
  path = join(folder, 'bundles.sock');
});
afterEach(() => {
  for (const each of owned.splice(0).reverse()) each.close();
  rmSync(folder, { recursive: true });
});

/** What happened, in order, to be waited for. */
function diary(): { note: (event: string) => void; until: (event: string) => Promise<string> } {
  const events: string[] = [];
  const waiting = new Map<string, () => void>();
  return {
    note: (event) => {
      events.push(event);
      waiting.get(event)?.();
    },
    until: (event) =>
      new Promise((resolve) => {
        if (events.includes(event)) resolve(event);
        else waiting.set(event, () => resolve(event));
      }),
  };
}

function service(options: Partial<BundleServiceOptions> = {}): BundleServiceOptions {
  const nothing = () => undefined;
  return {
    ...{ authorize: nothing, onJoined: nothing, onHeld: nothing, onCounters: nothing, onLeaving: nothing },
    ...{ onGone: nothing, read: async () => undefined, ...options },
  };
}

async function serve(
  options: Partial<BundleServiceOptions>,
  listen: ListenAddress = { path },
  tls?: Parameters<typeof startGrpcServer>[0]['tls'],
): Promise<GrpcServer> {
  const server = await startGrpcServer({ listen: [listen], tls, methods: bundleMethods(service(options)) });
  owned.push(server);
  return server;
}

function decider(options: Partial<BundleClientOptions> = {}): BundleClient {
  const nothing = () => undefined;
  const client = startBundleClient({
    ...{ target: { path }, hello: HELLO, held: () => [], counters: () => new Map() },
    ...{ onInUse: nothing, onUp: nothing, onDown: nothing, ...options },
  });
  owned.push(client);
  return client;
}

describe('a subscription', () => {
  test('says who the decider is, what it holds and what became of requests, and is told what is in use', async () => {
    const said: unknown[] = [];
    const { note, until } = diary();
    await serve({
      onJoined: (call) => {
        said.push(call.hello);
        call.tell(IN_USE);
      },
      onHeld: (_call, digests) => void said.push(digests),
      onCounters: (_call, counters) => void said.push(counters),
      onLeaving: () => note('leaving'),
    });
    const told: InUse[] = [];
    const client = decider({
      held: () => [ONE, TWO],
      counters: () => COUNTERS,
      onInUse: (inUse) => {
        told.push(inUse);
        note('in use');
      },
    });
    await until('in use');
    client.leave();
    await until('leaving');
    expect([told, said]).toEqual([[IN_USE], [HELLO, [ONE, TWO], COUNTERS]]);
    expect(client.isUp()).toBe(true);
  });

  test('is made again when it was lost, and says all of it again', async () => {
    const { note, until } = diary();
    let held = [ONE];
    const first = await serve({ onHeld: (_call, digests) => note(`first ${digests.length}`) });
    const client = decider({ held: () => held, onDown: () => note('down') });
    await until('first 1');
    client.leave();
    first.close();
    await until('down');
    held = [ONE, TWO];
    await serve({ onHeld: (_call, digests) => note(`second ${digests.length}`), onLeaving: () => note('leaving') });
    expect([await until('second 2'), await until('leaving')]).toEqual(['second 2', 'leaving']);
  });

  test('ends for the control plane when the decider is gone', async () => {
    const { note, until } = diary();
    await serve({ onJoined: () => note('joined'), onGone: ({ hello }) => note(`gone ${hello.decider}`) });
    const client = decider();
    await until('joined');
    client.close();
    expect(await until('gone d-1')).toBe('gone d-1');
  });

  test('that begins with anything but who it is is refused', async () => {
    const calls: DeciderCall[] = [];
    const { note, until } = diary();
    await serve({ onJoined: (call) => void calls.push(call) });
    decider({ hello: { ...HELLO, decider: '' }, onDown: (reason) => note(reason) });
    await until('malformed message');
    expect(calls).toEqual([]);
  });
});

describe('mutual TLS', () => {
  const authority = createAuthority();
  const identity = (host: string) => issueCertificate(authority, { hosts: [host] });
  const server = identity('headgate.example.com');
  const tls = {
    ...{ certificate: server.certificatePem, key: server.privateKeyPem, clientAuthority: authority.certificatePem },
  };
  const clientTls = (host: string) => () => {
    const { certificatePem, privateKeyPem } = identity(host);
    return {
      ...{ certificate: certificatePem, key: privateKeyPem, authority: authority.certificatePem },
      serverName: 'headgate.example.com',
    };
  };

  test.each([
    ['a decider', 'decider.example.com', 'joined'],
    ['anybody else with a certificate of the same authority', 'edge-1.example.com', 'no decider'],
  ])('%s', async (_who, host, outcome) => {
    const { note, until } = diary();
    const authorize = (names: string) => (names.includes('DNS:decider.') ? undefined : 'no decider');
    const { addresses } = await serve(
      { authorize, onJoined: () => note('joined') },
      { host: '127.0.0.1', port: 0 },
      tls,
    );
    const target = present(addresses[0], 'an address');
    decider({ target, tls: clientTls(host), onDown: (reason) => note(reason) });
    expect(await until(outcome)).toBe(outcome);
  });
});

describe('a bundle', () => {
  const file = randomBytes(900_000);

  test('comes whole', async () => {
    await serve({ read: async (asked) => (asked === ONE ? file : undefined) });
    const client = decider();
    expect(Buffer.compare(await client.fetch(ONE), file)).toBe(0);
    await expect(client.fetch(TWO)).rejects.toMatchObject({ code: 'bundle-missing' });
  });

  test('without a byte is none', async () => {
    await serve({ read: async () => new Uint8Array(0) });
    await expect(decider().fetch(ONE)).rejects.toMatchObject({ code: 'bundle-damaged' });
  });

  test('goes on where the connection was lost', async () => {
    const offsets: bigint[] = [];
    const methods = bundleMethods(service({ read: async () => file }));
    const spied = methods.map((method) => noting(method, offsets));
    let isFirst = true;
    const cut = (call: GrpcCall): GrpcCall => {
      if (!isFirst) return call;
      isFirst = false;
      return cutAfter(call, 2, () => server.close());
    };
    let server = await startGrpcServer({ listen: [{ path }], methods: spied.map((method) => through(method, cut)) });
    const restarted = Promise.withResolvers<void>();
    const client = decider({
      onDown: () => {
        if (offsets.length !== 1) return;
        startGrpcServer({ listen: [{ path }], methods: spied }).then((again) => {
          server = again;
          owned.push(again);
          restarted.resolve();
        }, restarted.reject);
      },
    });
    const fetched = client.fetch(ONE);
    await restarted.promise;
    expect(Buffer.compare(await fetched, file)).toBe(0);
    expect(offsets).toEqual([0n, 524_288n]);
  });

  test('that changed meanwhile comes from its beginning', async () => {
    const other = randomBytes(600_000);
    let served = file;
    const methods = bundleMethods(service({ read: async () => served }));
    let isFirst = true;
    const cut = (call: GrpcCall): GrpcCall => {
      if (!isFirst) return call;
      isFirst = false;
      return cutAfter(call, 1, () => {
        served = other;
        call.end(14);
      });
    };
    owned.push(await startGrpcServer({ listen: [{ path }], methods: methods.map((method) => through(method, cut)) }));
    expect(Buffer.compare(await decider().fetch(ONE), other)).toBe(0);
  });
});

/** The method, with the offsets that callers ask for noted. */
function noting(method: GrpcMethod, offsets: bigint[]): GrpcMethod {
  if (!method.path.endsWith('/Fetch')) return method;
  return {
    ...method,
    open: (call) => {
      const receiver = method.open(call);
      return {
        message: (bytes) => {
          offsets.push(fromBinary(FetchRequestSchema, bytes).offset);
          receiver.message(bytes);
        },
        halfClosed: () => receiver.halfClosed(),
        closed: (reason) => receiver.closed(reason),
      };
    },
  };
}

function through(method: GrpcMethod, change: (call: GrpcCall) => GrpcCall): GrpcMethod {
  return method.path.endsWith('/Fetch') ? { ...method, open: (call) => method.open(change(call)) } : method;
}

/** The call, until so many messages were taken. */
function cutAfter(call: GrpcCall, messages: number, cut: () => void): GrpcCall {
  let left = messages;
  return {
    ...{ peer: call.peer, headers: call.headers, certificateNames: call.certificateNames, isWriting: false },
    write: (message, onFlushed) => {
      left -= 1;
      call.write(message, () => {
        if (left === 0) cut();
        else onFlushed?.();
      });
    },
    writeFrames: (pieces, onFlushed) => call.writeFrames(pieces, onFlushed),
    end: (status, message) => call.end(status, message),
    reset: () => call.reset(),
  };
}
