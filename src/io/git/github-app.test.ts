import { createVerify, generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { githubAppToken } from './github-app.ts';

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = keys.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const NOW_MS = 1_800_000_000_000;

let server: Server;
let nowMs: number;
let asked: { path: string; claims: unknown; isSigned: boolean }[];
let answer: { status: number; body: unknown };

beforeEach(async () => {
  nowMs = NOW_MS;
  asked = [];
  answer = { status: 201, body: { token: 'ghs_1', expires_at: new Date(NOW_MS + 3_600_000).toISOString() } };
  server = createServer((request, response) => {
    asked.push({ path: `${request.method} ${request.url}`, ...proofOf(request) });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

function proofOf({ headers }: IncomingMessage) {
  const [head = '', claims = '', signature = ''] = (headers.authorization ?? '').replace('Bearer ', '').split('.');
  const isSigned = createVerify('RSA-SHA256')
    .update(`${head}.${claims}`)
    .verify(keys.publicKey, signature, 'base64url');
  return { claims: JSON.parse(Buffer.from(claims, 'base64url').toString()) as unknown, isSigned };
}

function reader(privateKey = PEM) {
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return githubAppToken({ appId: 7, installationId: 42, privateKey: () => privateKey, api }, () => nowMs);
}

describe('the token of an app', () => {
  test('is had for a proof by its key, and again only when it nears its end', async () => {
    const token = reader();
    expect([await token(), await token()]).toEqual(['ghs_1', 'ghs_1']);
    const seconds = NOW_MS / 1000;
    expect(asked).toEqual([
      {
        path: 'POST /app/installations/42/access_tokens',
        claims: { iat: seconds - 60, exp: seconds + 540, iss: '7' },
        isSigned: true,
      },
    ]);
    nowMs += 3_600_000 - 300_000;
    answer = { status: 201, body: { token: 'ghs_2', expires_at: new Date(nowMs + 3_600_000).toISOString() } };
    expect([await token(), asked.length]).toEqual(['ghs_2', 2]);
  });

  test.each<[number, unknown, string]>([
    [401, { message: 'no' }, 'GitHub gives the app no token: 401'],
    [201, { token: '' }, 'GitHub gives the app no token: its answer is none'],
  ])('is not had for an answer %d %j', async (status, body, message) => {
    answer = { status, body };
    await expect(reader()()).rejects.toMatchObject({ code: 'git-auth', message });
  });

  test('is not had with a key that is none, which nobody is shown', async () => {
    await expect(reader('no key')()).rejects.toMatchObject({
      code: 'git-auth',
      message: 'the private key of the app cannot be used',
    });
    expect(asked).toEqual([]);
  });

  test('is not had from nobody', async () => {
    const token = githubAppToken(
      { appId: 7, installationId: 42, privateKey: () => PEM, api: 'http://127.0.0.1:1' },
      () => nowMs,
    );
    await expect(token()).rejects.toMatchObject({ code: 'git-unreachable' });
  });
});
