import { createHmac } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAuthority, issueCertificate } from '../../sim/certificates.ts';
import type { WebhookForge } from './forge-signatures.ts';
import { startWebhookServer, type WebhookOptions, type WebhookRefusal, type WebhookServer } from './webhook-server.ts';

const NOW_MS = 1_800_000_000_000;
const SECRET = "It's a Secret to Everybody";
const KEY = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');

let folder: string;
let nowMs: number;
let pushes: WebhookForge[];
let refusals: WebhookRefusal[];
let results: string[];
const servers: WebhookServer[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headgate-webhooks-'));
  nowMs = NOW_MS;
  pushes = [];
  refusals = [];
  results = [];
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  rmSync(folder, { recursive: true });
});

async function start(options: Partial<WebhookOptions> = {}): Promise<string> {
  const forges = ['github', 'gitea', 'forgejo', 'bitbucket', 'bitbucket-data-center'] as const;
  const server = await startWebhookServer({
    listen: { host: '127.0.0.1', port: 0 },
    secrets: new Map<WebhookForge, () => string>([
      ...forges.map((forge) => [forge, () => SECRET] as const),
      ['gitlab', () => SECRET],
    ]),
    isWatched: (refs) => refs?.includes('refs/heads/main') ?? false,
    onPush: (forge) => pushes.push(forge),
    onResult: (forge, result) => results.push(`${forge} ${result}`),
    onRefusal: (refusal) => refusals.push(refusal),
    nowMs: () => nowMs,
    ...options,
  });
  servers.push(server);
  const { port } = server.address as { port: number };
  return `http://127.0.0.1:${port}/webhooks/`;
}

type Answer = readonly [number, unknown];

async function deliver(url: string, body: string, headers: Record<string, string>): Promise<Answer> {
  const answer = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return [answer.status, await answer.json()];
}

const hex = (body: string, secret = SECRET) => createHmac('sha256', secret).update(body).digest('hex');
const FETCHED: Answer = [202, { fetch: true }];
const OTHER_REF: Answer = [202, { fetch: false, why: 'the watched ref was not pushed' }];
const AGAIN: Answer = [202, { fetch: false, why: 'this delivery was here before' }];
const NOT_GENUINE: Answer = [401, { code: 'webhook-not-genuine' }];

const plain = (ref: string) => JSON.stringify({ ref, after: '1'.repeat(40) });
const cloud = (name: string, type = 'branch') =>
  JSON.stringify({ push: { changes: [{ new: { type, name }, old: null }] } });
const dataCenter = (id: string) => JSON.stringify({ changes: [{ ref: { id, type: 'BRANCH' }, type: 'UPDATE' }] });

/** The headers of each forge over a body, as it documents them. */
const HEADERS: Readonly<Record<string, (body: string, id: string) => Record<string, string>>> = {
  github: (body, id) => ({ 'x-hub-signature-256': `sha256=${hex(body)}`, 'x-github-delivery': id }),
  gitlab: (_body, id) => ({ 'x-gitlab-token': SECRET, 'idempotency-key': id }),
  gitea: (body, id) => ({ 'x-gitea-signature': hex(body), 'x-gitea-delivery': id }),
  forgejo: (body, id) => ({ 'x-forgejo-signature': hex(body), 'x-forgejo-delivery': id }),
  bitbucket: (body, id) => ({ 'x-hub-signature': `sha256=${hex(body)}`, 'x-request-uuid': id }),
  'bitbucket-data-center': (body, id) => ({ 'x-hub-signature': `sha256=${hex(body)}`, 'x-request-id': id }),
};

describe.each<[string, string, string]>([
  ['github', plain('refs/heads/main'), plain('refs/heads/other')],
  ['gitlab', plain('refs/heads/main'), plain('refs/tags/main')],
  ['gitea', plain('refs/heads/main'), plain('main')],
  ['forgejo', plain('refs/heads/main'), '{}'],
  ['bitbucket', cloud('main'), cloud('main', 'tag')],
  ['bitbucket-data-center', dataCenter('refs/heads/main'), dataCenter('refs/heads/other')],
])('a delivery of %s', (forge, push, otherPush) => {
  const headersOf = (body: string, id: string) => HEADERS[forge]?.(body, id) ?? {};

  test('of the watched ref asks for a fetch, once', async () => {
    const url = (await start()) + forge;
    expect([
      await deliver(url, push, headersOf(push, '1')),
      await deliver(url, push, headersOf(push, '1')),
      await deliver(url, push, headersOf(push, '2')),
      await deliver(url, `${push} `, headersOf(`${push} `, '1')),
      await deliver(url, `${push} `, headersOf(`${push} `, '3')),
    ]).toEqual([FETCHED, AGAIN, AGAIN, AGAIN, FETCHED]);
    expect(pushes).toEqual([forge, forge]);
    const came = ['fetch', 'repeated', 'repeated', 'repeated', 'fetch'];
    expect(results).toEqual(came.map((result) => `${forge} ${result}`));
  });

  test('of something else is taken and ignored', async () => {
    const url = (await start()) + forge;
    expect([
      await deliver(url, otherPush, headersOf(otherPush, '1')),
      await deliver(url, 'no json', headersOf('no json', '2')),
    ]).toEqual([OTHER_REF, OTHER_REF]);
    expect([pushes, results]).toEqual([[], [1, 2].map(() => `${forge} not-watched`)]);
  });

  test('that is not genuine is refused', async () => {
    const url = (await start()) + forge;
    const wrong = Object.fromEntries(
      Object.entries(headersOf(push, '1')).map(([name, value]) => [name, value.replace(/.$/, '!')]),
    );
    expect([await deliver(url, push, {}), await deliver(url, push, wrong)]).toEqual([NOT_GENUINE, NOT_GENUINE]);
    expect(results).toEqual([1, 2].map(() => `${forge} not-genuine`));
    const path = `/webhooks/${forge}`;
    expect([pushes, refusals]).toEqual([[], [1, 2].map(() => ({ code: 'webhook-not-genuine', path }))]);
  });
});

test('GitHub’s own example of a signature', async () => {
  const url = `${await start({ isWatched: () => true })}github`;
  const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
  expect(await deliver(url, 'Hello, World!', { 'x-hub-signature-256': signature })).toEqual(FETCHED);
});

test('a push as a form', async () => {
  const url = `${await start()}github`;
  const body = new URLSearchParams({ payload: plain('refs/heads/main') }).toString();
  const headers = { ...HEADERS.github?.(body, '1'), 'content-type': 'application/x-www-form-urlencoded' };
  expect(await deliver(url, body, headers)).toEqual(FETCHED);
});

describe('GitLab with a signing token', () => {
  const token = `whsec_${KEY.toString('base64')}`;
  const body = plain('refs/heads/main');
  const signed = (seconds: number, key = KEY) => ({
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${createHmac('sha256', key).update(`msg_1.${seconds}.${body}`).digest('base64')}`,
  });

  test.each<[string, Record<string, string>, Answer]>([
    ['now', signed(NOW_MS / 1_000), FETCHED],
    [
      'with a second signature, while tokens change',
      { ...signed(NOW_MS / 1_000), 'webhook-signature': `v1,AA== ${signed(NOW_MS / 1_000)['webhook-signature']}` },
      FETCHED,
    ],
    ['five minutes ago', signed(NOW_MS / 1_000 - 300), FETCHED],
    ['more than five minutes ago', signed(NOW_MS / 1_000 - 301), NOT_GENUINE],
    ['more than five minutes from now', signed(NOW_MS / 1_000 + 301), NOT_GENUINE],
    ['with another key', signed(NOW_MS / 1_000, Buffer.from('other')), NOT_GENUINE],
    ['with the token in the clear', { 'x-gitlab-token': token }, NOT_GENUINE],
  ])('%s', async (_when, headers, answer) => {
    const url = `${await start({ secrets: new Map([['gitlab', () => token]]) })}gitlab`;
    expect(await deliver(url, body, headers)).toEqual(answer);
  });
});

describe('whoever asks', () => {
  const body = plain('refs/heads/main');

  test('for a forge without a secret, or another path or method, gets nothing', async () => {
    const base = await start({ secrets: new Map([['github', () => '']]) });
    const asked = [
      await deliver(`${base}github`, body, { 'x-hub-signature-256': `sha256=${hex(body, '')}` }),
      await deliver(`${base}gitlab`, body, { 'x-gitlab-token': '' }),
      await deliver(`${base}toString`, body, {}),
      await fetch(`${base}github`).then(async (answer): Promise<Answer> => [answer.status, await answer.json()]),
    ];
    const unknown = [404, { code: 'webhook-unknown' }];
    expect(asked).toEqual([NOT_GENUINE, unknown, unknown, unknown]);
    expect(results).toEqual(['github not-genuine', ' unknown', ' unknown', ' unknown']);
  });

  test('with too large a body is refused before it is read', async () => {
    const url = `${await start()}github`;
    expect(await deliver(url, 'x'.repeat(8 * 1024 * 1024 + 1), {})).toEqual([413, { code: 'webhook-too-large' }]);
    expect(results).toEqual(['github too-large']);
  });

  test('too often has to wait, and others after him too', async () => {
    const url = `${await start()}github`;
    const answers: number[] = [];
    for (let index = 0; index < 1_001; index += 1) answers.push((await deliver(url, '', {}))[0]);
    expect(answers).toEqual([...new Array<number>(1_000).fill(401), 429]);
    nowMs += 10;
    expect((await deliver(url, '', {}))[0]).toBe(401);
    expect(refusals.at(-2)).toEqual({ code: 'webhook-too-many', path: '/webhooks/github' });
    expect(results.at(-2)).toBe('github too-many');
  });

  test('again after ten minutes causes one more look', async () => {
    const url = `${await start()}github`;
    const headers = HEADERS.github?.(body, '1') ?? {};
    const first = await deliver(url, body, headers);
    nowMs += 10 * 60_000;
    expect([first, await deliver(url, body, headers)]).toEqual([FETCHED, FETCHED]);
  });
});

describe('the listener', () => {
  test('speaks TLS with a certificate of its own', async () => {
    const authority = createAuthority();
    const { certificatePem, privateKeyPem } = issueCertificate(authority, { hosts: ['127.0.0.1'] });
    const tls = { certificate: join(folder, 'c.pem'), key: join(folder, 'k.pem') };
    writeFileSync(tls.certificate, certificatePem);
    writeFileSync(tls.key, privateKeyPem);
    const url = (await start({ tls })).replace('http:', 'https:');
    const status = await new Promise((resolve, reject) => {
      const options = { method: 'POST', ca: authority.certificatePem };
      httpsRequest(`${url}github`, options, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(401);
  });

  test('that cannot be had is a typed failure', async () => {
    const tls = { certificate: join(folder, 'none'), key: join(folder, 'none') };
    await expect(start({ tls })).rejects.toMatchObject({ code: 'webhook-listen-failed' });
  });
});
