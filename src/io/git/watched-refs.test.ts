import { describe, expect, test } from 'vitest';
import { useMirrorLab } from '../../../test/support/mirror-lab.ts';

const lab = useMirrorLab();

describe('the watched ref', () => {
  test('by versions: the highest tag of the range, which may change, and may be annotated', async () => {
    const first = lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    lab.origin.git('tag', 'v1.2.0');
    lab.origin.git('tag', 'other');
    const mirror = await lab.open({ ref: { branch: 'main', semver: '1.x' } });
    expect([await mirror.fetch(), mirror.remoteRef]).toEqual([{ commit: first, forced: false }, 'refs/tags/v1.2.0']);
    const second = lab.origin.commit({ 'a.yaml': 'a: 2\n' });
    lab.origin.git('tag', '-a', '1.10.0', '-m', 'ten');
    lab.origin.commit({ 'a.yaml': 'a: 3\n' });
    lab.origin.git('tag', 'v2.0.0');
    lab.origin.git('tag', 'v1.11.0-rc.1');
    expect([await mirror.fetch(), mirror.remoteRef]).toEqual([{ commit: second, forced: false }, 'refs/tags/1.10.0']);
    lab.origin.git('tag', '-d', '1.10.0');
    expect(await mirror.fetch()).toEqual({ commit: first, forced: true });
  });

  test('by versions, where no tag is in the range', async () => {
    lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    lab.origin.git('tag', 'v1.2.0');
    const mirror = await lab.open({ ref: { semver: '>=2' } });
    await expect(mirror.fetch()).rejects.toMatchObject({
      code: 'git-ref-missing',
      message: 'no tag of the repository is in the range >=2',
    });
  });

  test('by commit: it is asked for once, and on no branch', async () => {
    lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    lab.origin.git('checkout', '--quiet', '--detach');
    const commit = lab.origin.commit({ 'a.yaml': 'a: 2\n' });
    lab.origin.git('tag', 'kept');
    lab.origin.git('checkout', '--quiet', 'main');
    const mirror = await lab.open({ ref: { branch: 'main', commit } });
    expect(await mirror.fetch()).toEqual({ commit, forced: false });
    lab.origin.remove();
    expect(await mirror.fetch()).toEqual({ commit, forced: false });
  });

  test('by a commit that nobody has', async () => {
    lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    const mirror = await lab.open({ ref: { commit: '1'.repeat(40) } });
    await expect(mirror.fetch()).rejects.toMatchObject({ code: 'git-commit-missing' });
  });

  test.each(['refs/pull/7/head', 'refs/merge-requests/7/head'])('by the name %s', async (name) => {
    lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    lab.origin.git('checkout', '--quiet', '--detach');
    const commit = lab.origin.commit({ 'a.yaml': 'a: 2\n' });
    lab.origin.git('update-ref', name, commit);
    const mirror = await lab.open({ ref: { branch: 'main', name } });
    expect(await mirror.fetch()).toEqual({ commit, forced: false });
  });
});

test('a bundle file is a repository that needs no network', async () => {
  const first = lab.origin.commit({ 'a.yaml': 'a: 1\n' });
  const file = `${lab.directory}/config.bundle`;
  lab.origin.git('bundle', 'create', '--quiet', file, 'main');
  const mirror = await lab.open({ url: file });
  expect(await mirror.fetch()).toEqual({ commit: first, forced: false });
  const second = lab.origin.commit({ 'a.yaml': 'a: 2\n' });
  lab.origin.git('bundle', 'create', '--quiet', file, 'main');
  expect(await mirror.fetch()).toEqual({ commit: second, forced: false });
});

describe('a commit that is asked for', () => {
  test('is brought from wherever it is, once', async () => {
    const main = lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    lab.origin.git('checkout', '--quiet', '-b', 'side');
    const side = lab.origin.commit({ 'a.yaml': 'a: 2\n' });
    const mirror = await lab.open();
    await mirror.bring(side);
    expect(await mirror.fetch()).toEqual({ commit: main, forced: false });
    lab.origin.remove();
    await mirror.bring(side);
    expect((await mirror.read(side)).files.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['a: 2\n']);
  });

  test('that nobody has is missing', async () => {
    lab.origin.commit({ 'a.yaml': 'a: 1\n' });
    const mirror = await lab.open();
    await expect(mirror.bring('1'.repeat(40))).rejects.toMatchObject({ code: 'git-commit-missing' });
    await expect(mirror.bring('main')).rejects.toMatchObject({ code: 'git-settings' });
  });
});
