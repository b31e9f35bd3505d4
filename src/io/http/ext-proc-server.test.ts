import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:http2';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { envoyMessage } from '../../../test/support/ext-proc-client-messages.ts';
import { type ServerLab, startServerLab } from '../../../test/support/ext-proc-server-lab.ts';
import { decodeText } from '../../core/exchange/codec/decode-text.ts';
import { createAuthority, issueCertificate } from '../../sim/certificates.ts';

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

describe('what is refused', () => {
  test('more streams than the limit, until one ends', async () => {
    const { client, failures, server } = await lab({ limits: { messageBytesMax: 10_000, streamsMax: 2 } });
    const second = await lab({ listen: server.address, join: server });
    const open = [client.call(), client.call()];
    for (const call of open) {
      call.send(HEADERS);
      await call.next();
    }
    const third = second.client.call();
    expect((await third.ended).status).toBe(8);
    expect(failures).toEqual([{ code: 'ext-proc-too-many-streams' }]);
    open[0]?.stream.end();
    await open[0]?.ended;
    const fourth = second.client.call();
    fourth.send(HEADERS);
    expect((await fourth.next())?.length).toBe(4);
  });

  test('other methods and other content types', async () => {
    const { client } = await lab();
    const unknown = client.session.request({
      ':method': 'POST',
      ':path': '/other',
      'content-type': 'application/grpc',
    });
    const plain = client.session.request({ ':method': 'GET', ':path': '/' });
    const answers = await Promise.all(
      [unknown, plain].map(
        (stream) => new Promise<Record<string, unknown>>((resolve) => stream.once('response', resolve)),
      ),
    );
    expect(answers.map((headers) => [headers[':status'], headers['grpc-status']])).toEqual([
      [200, '12'],
      [415, undefined],
    ]);
  });

  test.each(['0.0.0.0', '::', '192.0.2.1', 'localhost'])('plaintext on %s', async (host) => {
    await expect(lab({ listen: { host, port: 0 } })).rejects.toMatchObject({ code: 'ext-proc-insecure-listener' });
  });

  test('a port in use', async () => {
    const { server } = await lab();
    await expect(lab({ listen: server.address })).rejects.toMatchObject({
      code: 'ext-proc-listen-failed',
      cause: { code: 'EADDRINUSE' },
    });
  });
});

describe('TLS', () => {
  const authority = createAuthority();
  const identityOf = (signer: typeof authority) => {
    const { certificatePem, privateKeyPem } = issueCertificate(signer, { hosts: ['127.0.0.1'] });
    return { certificate: certificatePem, key: privateKeyPem, authority: authority.certificatePem };
  };
  const { certificate, key } = identityOf(authority);
  const tls = { certificate, key, clientAuthority: authority.certificatePem };

  test('serves a client with a certificate of the authority', async () => {
    const { client } = await lab({ tls, clientTls: identityOf(authority), listen: { host: '0.0.0.0', port: 0 } });
    const call = client.call();
    call.send(HEADERS);
    expect((await call.next())?.length).toBe(4);
  });

  test('shows its new certificate to new connections, and lets those go on that are open', async () => {
    const { client, server } = await lab({ tls, clientTls: identityOf(authority) });
    const other = createAuthority('another');
    const next = issueCertificate(other, { hosts: ['127.0.0.1'] });
    server.replaceTls({
      certificate: next.certificatePem,
      key: next.privateKeyPem,
      clientAuthority: authority.certificatePem,
    });
    const clientTls = { ...identityOf(authority), authority: other.certificatePem };
    const later = await lab({ listen: server.address, join: server, clientTls });
    const replies = [client, later.client].map((each) => {
      const call = each.call();
      call.send(HEADERS);
      return call.next();
    });
    expect((await Promise.all(replies)).map((reply) => reply?.length)).toEqual([4, 4]);
  });

  test.each([
    ['of another authority', identityOf(createAuthority('another'))],
    ['at all', { authority: authority.certificatePem }],
  ])('refuses a client without a certificate %s', async (_name, clientTls) => {
    const { server } = await lab({ tls, clientTls: identityOf(authority) });
    const outcome = lab({ listen: server.address, join: server, clientTls }).then(({ client }) => {
      const call = client.call();
      call.send(HEADERS);
      return call.next();
    });
    expect(await outcome.catch(() => 'refused')).toSatisfy((reply) => reply === undefined || reply === 'refused');
    expect(server.openExchanges()).toBe(0);
  });
});

test('a socket file that a dead process left is replaced, another file is not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-stale-'));
  const [stale, file] = [join(folder, 'stale.sock'), join(folder, 'notes.txt')];
  spawnSync(process.execPath, [
    '-e',
    `require('net').createServer().listen('${stale}', () => process.kill(process.pid, 'SIGKILL'))`,
  ]);
  await writeFile(file, 'keep');
  const { server } = await lab({ listen: { path: stale } });
  await expect(lab({ listen: { path: stale } })).rejects.toMatchObject({ code: 'ext-proc-listen-failed' });
  await expect(lab({ listen: { path: file } })).rejects.toMatchObject({ code: 'ext-proc-listen-failed' });
  expect([server.address, await readFile(file, 'utf8')]).toEqual([{ path: stale }, 'keep']);
  await rm(folder, { recursive: true });
});

test('thousands of resets leave the connection alive', async () => {
  const { client, exchanges, failures } = await lab();
  for (let index = 0; index < 3_000; index += 1) {
    const call = client.call();
    call.send(HEADERS);
    await call.next();
    call.stream.close(constants.NGHTTP2_CANCEL);
    await call.ended;
  }
  expect({ alive: !client.session.destroyed, failures, exchanges: exchanges.length }).toEqual({
    alive: true,
    failures: [],
    exchanges: 3_000,
  });
});

describe('health', () => {
  const names = ['', 'liveness', 'readiness', 'envoy.service.ext_proc.v3.ExternalProcessor'];
  async function check(started: ServerLab, service: string): Promise<string> {
    const call = started.health(service);
    const answer = await call.next();
    return answer === undefined ? `status ${(await call.ended).status}` : decodeText(answer, 0, answer.length);
  }
  const SERVING = '\b\u0001';
  const NOT_SERVING = '\b\u0002';

  test('names what it serves', async () => {
    const started = await lab();
    expect(await Promise.all([...names, 'other'].map((name) => check(started, name)))).toEqual([
      SERVING,
      SERVING,
      SERVING,
      SERVING,
      'status 5',
    ]);
  });

  test('is alive though not ready', async () => {
    const started = await lab({ isReady: () => false });
    expect(await Promise.all(names.map((name) => check(started, name)))).toEqual([
      NOT_SERVING,
      SERVING,
      NOT_SERVING,
      NOT_SERVING,
    ]);
  });
});

describe('drain', () => {
  test('lets an exchange end and takes no new one', async () => {
    const { client, nextExchange, server } = await lab();
    const call = client.call();
    const exchange = await nextExchange();
    const goaway = new Promise((resolve) => client.session.once('goaway', resolve));
    const drained = server.drain(60_000);
    await goaway;
    call.send(HEADERS);
    expect((await call.next())?.length).toBe(4);
    call.stream.end();
    expect(await exchange.ended).toBe('half-close');
    await drained;
    await expect(lab({ listen: server.address, join: server })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('cuts a connection whose other end says nothing any more', async () => {
    const { server } = await lab();
    const gone = connect({ port: (server.address as { port: number }).port, host: '127.0.0.1', allowHalfOpen: true });
    const closed = new Promise((resolve) => gone.once('close', resolve));
    gone.once('error', () => undefined);
    // The preface of HTTP/2, and settings without any.
    gone.write(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1'));
    await new Promise((resolve) => gone.once('data', resolve));
    await server.drain(50);
    gone.end('anything');
    await closed;
    expect(gone.destroyed).toBe(true);
  });

  test('cuts what has not ended in time', async () => {
    const { client, nextExchange, server } = await lab();
    client.call();
    const exchange = await nextExchange();
    await server.drain(1);
    expect(await exchange.ended).toBe('cancelled');
  });
});
