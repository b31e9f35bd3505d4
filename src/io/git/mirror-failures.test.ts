import { chmodSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { textsOf, useMirrorLab } from '../../../test/support/mirror-lab.ts';
import { createAuthority, issueCertificate } from '../../sim/certificates.ts';

const lab = useMirrorLab();

describe('what the world does', () => {
  test('a force push is followed and said, also when another process fetched last', async () => {
    lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    lab.origin.commit({ 'a.yaml': 'a: 2\n' });
    const mirror = await lab.open();
    await mirror.fetch();
    await mirror.close();
    lab.origin.git('reset', '--quiet', '--hard', 'HEAD^');
    const commit = lab.origin.commit({ 'a.yaml': 'a: 3\n' });
    const reopened = await lab.open();
    expect(await reopened.fetch()).toEqual({ commit, forced: true });
    expect(textsOf((await reopened.read(commit)).files)).toEqual({ 'a.yaml': 'a: 3\n' });
  });

  test('several commits at once are no force push', async () => {
    lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    const mirror = await lab.open();
    await mirror.fetch();
    lab.origin.commit({ 'a.yaml': 'a: 2\n' });
    const commit = lab.origin.commit({ 'a.yaml': 'a: 3\n' });
    expect(await mirror.fetch()).toEqual({ commit, forced: false });
  });

  test('a ref that is gone, and comes back', async () => {
    const commit = lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    const mirror = await lab.open({ ref: 'release' });
    await expect(mirror.fetch()).rejects.toMatchObject({ code: 'git-ref-missing' });
    lab.origin.git('branch', 'release');
    expect(await mirror.fetch()).toEqual({ commit, forced: false });
  });

  test('an annotated tag is its commit', async () => {
    const commit = lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    lab.origin.git('tag', '-a', 'v1', '-m', 'one');
    const mirror = await lab.open({ ref: 'refs/tags/v1' });
    expect(await mirror.fetch()).toEqual({ commit, forced: false });
  });

  test('locks and half packs of a killed git do not stop the next one', async () => {
    lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    const mirror = await lab.open();
    await mirror.fetch();
    await mirror.close();
    const repository = join(lab.directory, 'mirror.git');
    const locks = ['HEAD.lock', 'config.lock', 'shallow.lock', 'packed-refs.lock', 'refs/headgate/source.lock'];
    for (const name of [...locks, 'objects/pack/tmp_pack_1']) {
      writeFileSync(join(repository, name), '');
    }
    const commit = lab.origin.commit({ 'a.yaml': 'a: 2\n' });
    expect(await (await lab.open()).fetch()).toEqual({ commit, forced: false });
  });

  test('a mirror that vanishes is built anew', async () => {
    const commit = lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    const mirror = await lab.open();
    await mirror.fetch();
    rmSync(lab.directory, { recursive: true });
    expect(await mirror.fetch()).toEqual({ commit, forced: false });
    expect(textsOf((await mirror.read(commit)).files)).toEqual({ 'a.yaml': 'a: 1\n' });
  });

  test.each(['pack', 'idx'])(
    'a mirror with a damaged .%s is built anew, at the latest by the fetch after a read',
    async (ending) => {
      const commit = lab.origin.commit({ 'a.yaml': 'a: 1\n' });
      const mirror = await lab.open();
      await mirror.fetch();
      await mirror.close();
      const folder = join(lab.directory, 'mirror.git/objects/pack');
      for (const name of readdirSync(folder).filter((each) => each.endsWith(ending))) {
        chmodSync(join(folder, name), 0o644);
        truncateSync(join(folder, name), 40);
      }
      const reopened = await lab.open();
      await reopened
        .fetch()
        .then(({ commit: found }) => reopened.read(found))
        .catch(() => undefined);
      expect(await reopened.fetch()).toMatchObject({ commit });
      expect(textsOf((await reopened.read(commit)).files)).toEqual({ 'a.yaml': 'a: 1\n' });
    },
  );

  test('a dead remote takes nothing away: what was fetched is still read', async () => {
    const commit = lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    const mirror = await lab.open();
    await mirror.fetch();
    lab.origin.remove();
    await expect(mirror.fetch()).rejects.toMatchObject({ code: 'git-unreachable' });
    expect(textsOf((await mirror.read(commit)).files)).toEqual({ 'a.yaml': 'a: 1\n' });
  });

  test('a commit with objects that git itself finds unsafe is refused', async () => {
    lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    const mirror = await lab.open();
    const { commit } = await mirror.fetch();
    const blob = lab.origin.git('rev-parse', 'HEAD:a.yaml');
    const path = join(lab.origin.path, 'tree');
    writeFileSync(path, Buffer.concat([Buffer.from('100644 ..\0'), Buffer.from(blob, 'hex')]));
    const tree = lab.origin.git('hash-object', '-t', 'tree', '-w', '--literally', path);
    lab.origin.git('update-ref', 'refs/heads/main', lab.origin.git('commit-tree', tree, '-p', commit, '-m', 'bad'));
    await expect(mirror.fetch()).rejects.toMatchObject({ code: 'git-refused' });
    expect(textsOf((await mirror.read(commit)).files)).toEqual({ 'a.yaml': 'a: 1\n' });
  });

  test('a repository above the size limit is refused', async () => {
    lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    const mirror = await lab.open({ limits: { repositoryBytesMax: 10 } });
    await expect(mirror.fetch()).rejects.toMatchObject({ code: 'git-too-large' });
  });

  test('fetches at once follow one another', async () => {
    const commit = lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    const mirror = await lab.open();
    const fetched = { commit, forced: false };
    expect(await Promise.all([mirror.fetch(), mirror.fetch(), mirror.fetch()])).toEqual([fetched, fetched, fetched]);
  });

  test('packs do not pile up', async () => {
    const mirror = await lab.open();
    for (let index = 0; index < 55; index += 1) {
      lab.origin.commit({ 'a.yaml': `a: ${index}\n` });
      await mirror.fetch();
    }
    const packs = readdirSync(join(lab.directory, 'mirror.git/objects/pack')).filter((name) => name.endsWith('.pack'));
    expect(packs.length).toBeLessThan(10);
    const { commit } = await mirror.fetch();
    expect(textsOf((await mirror.read(commit)).files)).toEqual({ 'a.yaml': 'a: 54\n' });
  });

  test('close ends what runs', async () => {
    lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    const mirror = await lab.open();
    const fetching = mirror.fetch();
    const closing = mirror.close();
    await expect(fetching).rejects.toMatchObject({ code: 'git-closed' });
    await closing;
  });

  test('a git that is not there', async () => {
    const mirror = await lab.open({ gitPath: '/none/git' });
    await expect(mirror.fetch()).rejects.toMatchObject({ code: 'git-missing' });
  });
});

describe('a remote over the network', () => {
  const servers: Server[] = [];

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function listen(server: Server): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  test('that refuses connections', async () => {
    const closed = createServer();
    const port = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    const mirror = await lab.open({ url: `https://127.0.0.1:${port}/config.git` });
    await expect(mirror.fetch()).rejects.toMatchObject({ code: 'git-unreachable' });
  });

  test('whose certificate nobody vouches for, and one that asks who we are', async () => {
    const authority = createAuthority();
    const { certificatePem, privateKeyPem } = issueCertificate(authority, { hosts: ['127.0.0.1'] });
    const server = createTlsServer({ cert: certificatePem, key: privateKeyPem }, (_request, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="config"' }).end();
    });
    const url = `https://127.0.0.1:${await listen(server)}/config.git`;
    await expect((await lab.open({ url })).fetch()).rejects.toMatchObject({ code: 'git-untrusted' });
    const caFile = join(lab.origin.path, 'ca.pem');
    writeFileSync(caFile, authority.certificatePem);
    await expect((await lab.open({ url, access: { authorityFile: caFile } })).fetch()).rejects.toMatchObject({
      code: 'git-auth',
    });
  });

  test('that accepts and then says nothing', async () => {
    const port = await listen(createServer((socket) => socket.on('error', () => undefined).resume()));
    const mirror = await lab.open({ url: `https://127.0.0.1:${port}/config.git`, limits: { fetchTimeoutMs: 300 } });
    await expect(mirror.fetch()).rejects.toMatchObject({ code: 'git-timeout' });
  });
});
