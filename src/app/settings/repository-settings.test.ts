import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { remoteAccess, repositorySettings, repositoryShape } from './repository-settings.ts';

const APP = { appId: 7, installationId: 42, privateKey: { env: 'KEY' } };
const FOLDER = '/etc/headgate';
const URL_OF_TESTS = 'https://reader@git.example.com/config.git';

/** What settings mean, or what is wrong with them. */
function meaning(shape: object): unknown {
  const parsed = repositoryShape.safeParse({ url: URL_OF_TESTS, ...shape });
  return parsed.success ? repositorySettings(parsed.data, FOLDER) : z.prettifyError(parsed.error);
}

describe('the settings of a repository', () => {
  test('name everything by which it is reached and judged', () => {
    expect(
      meaning({
        ref: { branch: 'main', semver: '>=1.0.0' },
        path: 'gateway',
        poll: '30s',
        forcePush: 'refuse',
        credentials: {
          token: { file: 'token' },
          sshKey: 'keys/deploy',
          knownHosts: '/etc/known_hosts',
          authority: 'ca.pem',
          certificate: 'client.pem',
          key: 'client.key',
        },
        proxy: 'http://proxy.example.com:3128',
        verify: { sshSigners: ['allowed_signers'], gpgKeys: ['/etc/keys.asc'] },
      }),
    ).toEqual({
      url: URL_OF_TESTS,
      ref: { branch: 'main', semver: '>=1.0.0' },
      path: 'gateway',
      pollMs: 30_000,
      allowLocal: false,
      forcePush: 'refuse',
      revertBranches: 'push',
      access: {
        login: { username: 'reader', token: { kind: 'file', path: '/etc/headgate/token' } },
        authorityFile: '/etc/headgate/ca.pem',
        clientCertificate: { certificateFile: '/etc/headgate/client.pem', keyFile: '/etc/headgate/client.key' },
        proxy: 'http://proxy.example.com:3128',
        ssh: { keyFile: '/etc/headgate/keys/deploy', knownHostsFile: '/etc/known_hosts' },
      },
      verify: {
        mode: 'head',
        keys: { sshSignersFiles: ['/etc/headgate/allowed_signers'], gpgKeysFiles: ['/etc/keys.asc'] },
      },
    });
  });

  test.each<[object, unknown]>([
    [{ url: 'https://git.example.com/c.git' }, 'git'],
    [{ url: 'git@git.example.com:c.git' }, 'git'],
    [{}, 'reader'],
    [{ credentials: { username: 'oauth2', token: { env: 'TOKEN' } } }, 'oauth2'],
  ])('of %j log in as %s', (shape, username) => {
    const token = { kind: 'env', name: 'TOKEN' };
    expect(meaning({ credentials: { token: { env: 'TOKEN' } }, ...shape })).toMatchObject({
      access: { login: { username, token } },
    });
  });

  test('log in as an app of GitHub', () => {
    const githubApp = { appId: 7, installationId: 42, privateKey: { file: 'app.pem' } };
    expect(meaning({ credentials: { githubApp } })).toMatchObject({
      access: {
        login: {
          githubApp: {
            ...{ appId: 7, installationId: 42, api: 'https://api.github.com' },
            privateKey: { kind: 'file', path: '/etc/headgate/app.pem' },
          },
        },
      },
    });
  });

  test.each<[string, object, string]>([
    ['two ways to log in', { credentials: { token: { env: 'A' }, githubApp: APP } }, 'one of them'],
    ['an API in clear text', { credentials: { githubApp: { ...APP, api: 'http://a' } } }, 'write https://...'],
    ['a ref of nothing', { ref: {} }, 'write branch, tag, semver, name or commit'],
    ['half a certificate', { credentials: { certificate: 'c.pem' } }, 'a certificate and its key belong together'],
    ['a key that trusts any host', { credentials: { sshKey: 'key' } }, 'who may be the server is pinned'],
    ['a user without a token', { credentials: { username: 'ada' } }, 'a username needs a token'],
    ['a token in clear text', { credentials: { token: 'abc' } }, 'Invalid input'],
    ['a password in the proxy', { proxy: 'http://user:pass@proxy:3128' }, 'without a user'],
    ['nobody who may sign', { verify: {} }, 'write who may sign'],
    ['a policy that is none', { forcePush: 'maybe' }, 'Invalid option'],
  ])('with %s are refused', (_what, shape, message) => {
    expect(meaning(shape)).toEqual(expect.stringContaining(message));
  });
});

test('a token is read at each use, and outlives a file that is being written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-settings-'));
  const path = join(folder, 'token');
  const access = remoteAccess({ login: { username: 'git', token: { kind: 'file', path } } });
  const tokens = ['', 'one\n', '', 'two'].map((text) => {
    writeFileSync(path, text);
    return access.login?.token();
  });
  rmSync(folder, { recursive: true });
  expect([...tokens, access.login?.token()]).toEqual(['', 'one', 'one', 'two', 'two']);
});
