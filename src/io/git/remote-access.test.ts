import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  basic,
  type ConnectProxy,
  type GitHttpServer,
  startConnectProxy,
  startGitHttpServer,
} from '../../../test/support/git-http-server.ts';
import { useMirrorLab } from '../../../test/support/mirror-lab.ts';
import { describeWhereInstalled } from '../../../test/support/require-tool.ts';
import type { RemoteAccess } from './remote-access.ts';

const lab = useMirrorLab();
const servers: (GitHttpServer | ConnectProxy)[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function forge(options?: Parameters<typeof startGitHttpServer>[1]) {
  const server = await startGitHttpServer(lab.origin.path, options);
  servers.push(server);
  return { server, url: server.url, authorityFile: file('ca.pem', server.authorityPem) };
}

/** A file beside the mirror. */
function file(name: string, text: string, mode = 0o600): string {
  const path = join(lab.directory, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const TOKEN = 'ghp_$(id)`id`%s"\\\'';

describe('over https', () => {
  test('with an authority of our own, and nobody to log in', async () => {
    const commit = lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    const { url, authorityFile } = await forge();
    const mirror = await lab.open({ url, access: { authorityFile } });
    expect(await mirror.fetch()).toEqual({ commit, forced: false });
  });

  test('with a token, which may be renewed, and which no error shows', async () => {
    const commit = lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    const { server, url, authorityFile } = await forge();
    server.authorization = basic('deploy', TOKEN);
    let token = 'wrong';
    const mirror = await lab.open({
      url,
      access: { authorityFile, login: { username: 'deploy', token: () => token } },
    });
    const refused = await mirror.fetch().catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'git-auth', message: expect.not.stringContaining(token) });
    token = TOKEN;
    expect(await mirror.fetch()).toEqual({ commit, forced: false });
    server.authorization = basic('deploy', 'renewed');
    await expect(mirror.fetch()).rejects.toMatchObject({ code: 'git-auth' });
    token = 'renewed';
    expect(await mirror.fetch()).toEqual({ commit, forced: false });
    expect(readFileSync(join(lab.directory, 'home/gitconfig'), 'utf8')).not.toContain('renewed');
  });

  test('with a token that no list of processes shows', async () => {
    const commit = lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    const { server, url, authorityFile } = await forge();
    server.authorization = basic('deploy', TOKEN);
    const words = join(lab.directory, 'words');
    // Each git of ours says what it was called with.
    const script = `#!/bin/sh\nprintf '%s\\n' "$0" "$@" >>'${words}'\nexec git "$@"\n`;
    const access = { authorityFile, login: { username: 'deploy', token: () => TOKEN } };
    const mirror = await lab.open({ url, access, gitPath: file('git', script, 0o755) });
    expect(await mirror.fetch()).toEqual({ commit, forced: false });
    const said = readFileSync(words, 'utf8');
    expect([said.includes(url), said.includes(TOKEN)]).toEqual([true, false]);
  });

  test.each([
    ['', 'the token for the repository is empty'],
    ['a\nb', 'the token for the repository is none: it is too long or has more than one line'],
  ])('a token %j asks nobody', async (token, message) => {
    const { server, url, authorityFile } = await forge();
    const mirror = await lab.open({ url, access: { authorityFile, login: { username: 'git', token: () => token } } });
    await expect(mirror.fetch()).rejects.toMatchObject({ code: 'git-auth', message });
    expect(server.requests).toEqual([]);
  });

  test('a redirect to another host gets no token', async () => {
    lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    const { server, url, authorityFile } = await forge();
    server.authorization = basic('git', TOKEN);
    const elsewhere = url.replace('127.0.0.1', 'localhost');
    const access: RemoteAccess = { authorityFile, login: { username: 'git', token: () => TOKEN } };
    const mirror = await lab.open({ url: elsewhere, access });
    server.redirectTo = url;
    await expect(mirror.fetch()).rejects.toMatchObject({ code: 'git-auth' });
  });

  test('a redirect to another protocol is not followed', async () => {
    lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    const { server, url, authorityFile } = await forge();
    server.redirectTo = 'http://localhost:1/config.git';
    const mirror = await lab.open({ url, access: { authorityFile } });
    await expect(mirror.fetch()).rejects.toMatchObject({
      code: 'git-refused',
      message: expect.stringContaining('not supported or disabled'),
    });
  });

  test('with a certificate of ours', async () => {
    const commit = lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    const { server, url, authorityFile } = await forge({ asksForCertificate: true });
    const { certificatePem, privateKeyPem } = server.issue();
    const certificateFile = file('client.pem', certificatePem);
    const keyFile = file('client.key', privateKeyPem);
    await expect((await lab.open({ url, access: { authorityFile } })).fetch()).rejects.toMatchObject({
      name: 'SourceError',
    });
    const mirror = await lab.open({ url, access: { authorityFile, clientCertificate: { certificateFile, keyFile } } });
    expect(await mirror.fetch()).toEqual({ commit, forced: false });
    expect(new Set(server.requests.map(({ client }) => client))).toEqual(new Set(['client']));
  });

  test('through a proxy', async () => {
    const commit = lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    const { url, authorityFile } = await forge();
    const proxy = await startConnectProxy();
    servers.push(proxy);
    const mirror = await lab.open({ url, access: { authorityFile, proxy: proxy.url } });
    expect(await mirror.fetch()).toEqual({ commit, forced: false });
    expect(new Set(proxy.tunnels)).toEqual(new Set([new URL(url).host]));
  });
});

describeWhereInstalled('ssh', 'over ssh', () => {
  /** An ssh that writes down what it was given and serves the repository on this machine. */
  function fakeSsh(): string {
    const folder = join(lab.directory, 'bin');
    mkdirSync(folder);
    file(
      'bin/ssh',
      `#!/bin/sh\nprintf '%s\\n' "$@" >"${lab.directory}/words"\nfor last; do :; done\neval "$last"\n`,
      0o755,
    );
    return folder;
  }

  test('with a key of our own and pinned hosts: each word reaches ssh as it is', async () => {
    const commit = lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    vi.stubEnv('PATH', `${fakeSsh()}:${process.env.PATH}`);
    try {
      const keyFile = file('mounted key', 'KEY', 0o444);
      const ssh = { keyFile, knownHostsFile: file("known 'hosts' %h", 'HOSTS') };
      const url = `ssh://git@git.example.com:2222${lab.origin.path}`;
      const mirror = await lab.open({ url, access: { ssh } });
      expect(await mirror.fetch()).toEqual({ commit, forced: false });
    } finally {
      vi.unstubAllEnvs();
    }
    const key = join(lab.directory, 'home/ssh-key');
    expect({ mode: statSync(key).mode & 0o777, text: readFileSync(key, 'utf8') }).toEqual({ mode: 0o600, text: 'KEY' });
    const words = readFileSync(join(lab.directory, 'words'), 'utf8').split('\n');
    const hosts = join(lab.directory, "known 'hosts' %h");
    expect(words.slice(0, words.indexOf('-p'))).toEqual([
      '-F',
      'none',
      '-oBatchMode=yes',
      '-oStrictHostKeyChecking=yes',
      '-oConnectTimeout=10',
      '-oServerAliveInterval=10',
      '-oServerAliveCountMax=3',
      '-oForwardAgent=no',
      '-oPermitLocalCommand=no',
      `-oIdentityFile="${key}"`,
      '-oIdentitiesOnly=yes',
      '-oIdentityAgent=none',
      `-oUserKnownHostsFile="${hosts.replace('%', '%%')}"`,
      '-oGlobalKnownHostsFile=/dev/null',
      '-oUpdateHostKeys=no',
      '-o',
      'SendEnv=GIT_PROTOCOL',
    ]);
    const understood = execFileSync('ssh', [
      ...words.slice(0, words.indexOf('-p')),
      '-T',
      '-G',
      'git.example.com',
    ]).toString();
    expect(understood.split('\n')).toEqual(
      expect.arrayContaining([
        `identityfile ${key}`,
        `userknownhostsfile ${hosts}`,
        'globalknownhostsfile /dev/null',
        'stricthostkeychecking true',
        'batchmode yes',
      ]),
    );
  });

  test('a key that is not there', async () => {
    const ssh = { keyFile: join(lab.directory, 'none') };
    const mirror = await lab.open({ url: 'git@git.example.com:config.git', access: { ssh } });
    await expect(mirror.fetch()).rejects.toMatchObject({ code: 'git-auth' });
  });
});
