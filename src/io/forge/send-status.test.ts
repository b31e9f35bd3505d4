import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type FakeForge,
  type FakeForgeOptions,
  FORGE_REPOSITORY,
  FORGE_TOKEN,
  startFakeForge,
} from '../../../test/support/fake-forge.ts';
import { createAuthority, issueCertificate } from '../../sim/certificates.ts';
import { type CommitStatus, FORGES, type ForgeTarget } from './commit-status.ts';
import { sendStatus } from './send-status.ts';

let opened: FakeForge[] = [];
afterEach(async () => {
  for (const forge of opened) await forge.close();
  opened = [];
});

async function started(options: FakeForgeOptions): Promise<FakeForge> {
  const forge = await startFakeForge(options);
  opened.push(forge);
  return forge;
}

const never = new AbortController().signal;
const commit = '0123456789abcdef0123456789abcdef01234567';
const status: CommitStatus = {
  ...{ commit, context: 'headgate/serve/edge', state: 'failure', description: 'rolled back: 3 NACKs, a.yaml:31' },
  link: 'https://status.example.com/a',
};

function targetOf(forge: FakeForge, kind: ForgeTarget['kind']): ForgeTarget {
  return { kind, api: forge.api, repository: FORGE_REPOSITORY };
}

const WORDS = { github: 'failure', gitlab: 'failed', gitea: 'failure', bitbucket: 'FAILED' } as const;

describe.each(FORGES)('%s', (kind) => {
  test('takes a status in its own words', async () => {
    const forge = await started({ kind });
    expect(await sendStatus(targetOf(forge, kind), status, FORGE_TOKEN, never)).toEqual({ kind: 'delivered' });
    expect(forge.statuses).toEqual([{ ...status, state: WORDS[kind] }]);
  });

  test('takes the longest texts, cut to what it allows', async () => {
    const forge = await started({ kind });
    const long = {
      ...status,
      description: 'é𝄞'.repeat(300),
      context: 'c'.repeat(300),
      link: `https://a.b/${'x'.repeat(300)}`,
    };
    expect(await sendStatus(targetOf(forge, kind), long, FORGE_TOKEN, never)).toEqual({ kind: 'delivered' });
    expect(forge.statuses.map(({ description }) => description.endsWith('…'))).toEqual([true]);
  });

  test('refuses a token that is wrong: it may be renewed', async () => {
    const forge = await started({ kind, token: 'another' });
    const delivery = await sendStatus(targetOf(forge, kind), status, FORGE_TOKEN, never);
    expect(delivery).toEqual({ kind: 'failed', why: expect.stringMatching(/^401 /) });
    expect(JSON.stringify(delivery)).not.toContain(FORGE_TOKEN);
  });

  test('refuses for good what it does not know', async () => {
    const forge = await started({ kind, hasCommit: () => false });
    const delivery = await sendStatus(targetOf(forge, kind), status, FORGE_TOKEN, never);
    expect(delivery).toEqual({ kind: 'refused', why: expect.stringMatching(/^4(?:04|22) /) });
  });
});

test.each([
  [{ status: 429, headers: { 'retry-after': '7' } }, 7_000],
  [{ status: 503, headers: { 'retry-after': '86400' } }, 3_600_000],
  [{ status: 403, headers: { 'retry-after': '60' } }, 60_000],
])('%j is tried again after the time that it names', async (reply, retryAfterMs) => {
  const forge = await started({ kind: 'github' });
  forge.answerNext(reply);
  expect(await sendStatus(targetOf(forge, 'github'), status, FORGE_TOKEN, never)).toEqual({
    ...{ kind: 'failed', why: `${reply.status} {"message":"as scripted"}`, retryAfterMs },
  });
});

test('a redirect is not followed: the token would go along', async () => {
  const forge = await started({ kind: 'github' });
  forge.answerNext({ status: 307, headers: { location: `${forge.api}/elsewhere` } });
  const delivery = await sendStatus(targetOf(forge, 'github'), status, FORGE_TOKEN, never);
  expect([delivery.kind, forge.log.length]).toEqual(['refused', 1]);
});

test('a second "running" of GitLab counts as taken', async () => {
  const forge = await started({ kind: 'gitlab' });
  const running = { ...status, state: 'pending' } as const;
  const send = () => sendStatus(targetOf(forge, 'gitlab'), running, FORGE_TOKEN, never);
  expect([await send(), await send()]).toEqual([{ kind: 'delivered' }, { kind: 'delivered' }]);
  expect(forge.log.map((line) => line.split(' ')[1])).toEqual(['201', '400']);
});

test('a forge under a certificate of our own authority is believed with it, and not without', async () => {
  const authority = createAuthority();
  const { certificatePem, privateKeyPem } = issueCertificate(authority, { hosts: ['localhost'] });
  const forge = await started({ kind: 'gitea', tls: { cert: certificatePem, key: privateKeyPem } });
  const target = targetOf(forge, 'gitea');
  const without = await sendStatus(target, status, FORGE_TOKEN, never);
  expect(without).toEqual({ kind: 'failed', why: expect.stringMatching(/^localhost:\d+: .*certificate/) });
  const withIt = { ...target, authorityPem: authority.certificatePem };
  expect(await sendStatus(withIt, status, FORGE_TOKEN, never)).toEqual({ kind: 'delivered' });
});

test('a forge that cannot be reached is tried again', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  const target: ForgeTarget = { kind: 'github', api: `http://127.0.0.1:${port}`, repository: FORGE_REPOSITORY };
  expect(await sendStatus(target, status, FORGE_TOKEN, never)).toEqual({
    ...{ kind: 'failed', why: expect.stringContaining('ECONNREFUSED') },
  });
});

test('a forge that does not answer is given up when the process ends', async () => {
  const forge = await started({ kind: 'github' });
  forge.answerNext('hang');
  const stopped = new AbortController();
  const delivery = sendStatus(targetOf(forge, 'github'), status, FORGE_TOKEN, stopped.signal);
  stopped.abort();
  expect((await delivery).kind).toBe('failed');
});
