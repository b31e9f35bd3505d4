import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { basic, type GitHttpServer, startGitHttpServer } from '../../../test/support/git-http-server.ts';
import { textsOf, useMirrorLab } from '../../../test/support/mirror-lab.ts';
import { pushBranch } from './push-branch.ts';
import { buildRevert } from './revert-commit.ts';

const lab = useMirrorLab();
const servers: GitHttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const BRANCH = 'headgate/revert-1';
const NOW_MS = Date.parse('2026-11-01T00:00:00Z');

async function revert(subpath: string) {
  const good = lab.origin.commit({ 'gateway/a.yaml': 'good', 'gateway/x/b.yaml': 'good', 'other/c.yaml': '1' });
  const bad = lab.origin.commit({ 'gateway/a.yaml': 'bad', 'gateway/x/b.yaml': undefined, 'other/c.yaml': '2' });
  const mirror = await lab.open();
  await mirror.fetch();
  const message = `Revert "change"\n\nenvoy refused "quotes" and\nlines\n`;
  const commit = await buildRevert(mirror.place, { branch: BRANCH, bad, good, subpath, message, nowMs: NOW_MS });
  return { mirror, good, bad, commit, message };
}

describe('a revert', () => {
  test('brings back the folder, leaves what is beside it, and comes after the bad commit', async () => {
    const { mirror, bad, commit } = await revert('gateway');
    expect(textsOf((await mirror.read(commit)).files)).toEqual({
      'gateway/a.yaml': 'good',
      'gateway/x/b.yaml': 'good',
      'other/c.yaml': '2',
    });
    expect(await mirror.commitInfo(commit)).toMatchObject({
      parents: [bad],
      author: 'headgate',
      authoredAt: NOW_MS,
      subject: 'Revert "change"',
    });
  });

  test('of everything is the tree of the good commit', async () => {
    const { mirror, good, commit } = await revert('');
    expect((await mirror.commitInfo(commit)).tree).toBe((await mirror.commitInfo(good)).tree);
  });

  test('of a folder that was not there takes it away', async () => {
    const good = lab.origin.commit({ 'other/c.yaml': '1' });
    const bad = lab.origin.commit({ 'gate "way"/a.yaml': 'bad' });
    const mirror = await lab.open();
    await mirror.fetch();
    const order = { branch: BRANCH, bad, good, subpath: 'gate "way"', message: 'Revert', nowMs: NOW_MS };
    expect(textsOf((await mirror.read(await buildRevert(mirror.place, order))).files)).toEqual({ 'other/c.yaml': '1' });
  });

  test('is made anew where there is one, and fetches leave it alone', async () => {
    const { mirror, good, bad, commit, message } = await revert('gateway');
    const order = { branch: BRANCH, bad, good, subpath: 'gateway', message, nowMs: NOW_MS + 1_000 };
    const again = await buildRevert(mirror.place, order);
    expect(again).not.toBe(commit);
    await mirror.fetch();
    expect((await mirror.commitInfo(again)).parents).toEqual([bad]);
  });

  test('of a commit that is not there, and on a branch that is none', async () => {
    const { mirror, good, bad } = await revert('gateway');
    const order = { branch: BRANCH, bad, good, subpath: '', message: '', nowMs: NOW_MS };
    const none = '1'.repeat(40);
    await expect(buildRevert(mirror.place, { ...order, good: none })).rejects.toMatchObject({ name: 'SourceError' });
    await expect(buildRevert(mirror.place, { ...order, branch: 'a b' })).rejects.toMatchObject({
      code: 'git-settings',
    });
  });
});

describe('a push', () => {
  async function overHttps() {
    const { commit } = await revert('gateway');
    const server = await startGitHttpServer(lab.origin.path);
    servers.push(server);
    server.authorization = basic('git', 'token');
    const authorityFile = join(lab.origin.path, 'ca.pem');
    writeFileSync(authorityFile, server.authorityPem);
    const login = { username: 'git', token: () => 'token' };
    const mirror = await lab.open({ url: server.url, access: { authorityFile, login } });
    return { server, commit, mirror };
  }

  test('puts the branch on the remote, and again does nothing', async () => {
    const { server, commit, mirror } = await overHttps();
    server.allowsPush = true;
    await pushBranch(mirror.place, { branch: BRANCH, commit });
    await pushBranch(mirror.place, { branch: BRANCH, commit });
    expect(lab.origin.git('rev-parse', `refs/heads/${BRANCH}`)).toBe(commit);
  });

  test('where we may only read is refused', async () => {
    const { commit, mirror } = await overHttps();
    await expect(pushBranch(mirror.place, { branch: BRANCH, commit })).rejects.toMatchObject({
      code: 'git-push-refused',
    });
  });

  test('over another branch of that name is refused', async () => {
    const { server, commit, mirror } = await overHttps();
    server.allowsPush = true;
    lab.origin.git('checkout', '--quiet', '-b', BRANCH);
    lab.origin.commit({ 'mine.yaml': '1' });
    await expect(pushBranch(mirror.place, { branch: BRANCH, commit })).rejects.toMatchObject({
      code: 'git-push-refused',
    });
  });

  test('to a remote that is gone says so', async () => {
    const { mirror, commit } = await revert('gateway');
    lab.origin.remove();
    await expect(pushBranch(mirror.place, { branch: BRANCH, commit })).rejects.toMatchObject({
      code: 'git-unreachable',
    });
  });
});
