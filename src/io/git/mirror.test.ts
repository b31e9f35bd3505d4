import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { textsOf, useMirrorLab } from '../../../test/support/mirror-lab.ts';

const lab = useMirrorLab();

describe('a revision', () => {
  test('holds the configuration files of a commit, and nothing else', async () => {
    const commit = lab.origin.commit({
      'models/a.yaml': 'a: 1\n',
      'models/b.yml': '',
      'policies/p/p.rego': 'package p\n',
      'policies/p/data.json': '{}\n',
      'policies/p/data.yaml': 'x: 1\n',
      'other/data.json': '{}\n',
      'README.md': 'read me\n',
      '.github/workflows/ci.yaml': 'on: push\n',
      '.tool.yaml': 'x: 1\n',
      '.headgateignore': 'other\n',
      'models/.headgateignore': 'other\n',
      'node_modules/m/m.yaml': 'x: 1\n',
    });
    const mirror = await lab.open();
    expect(await mirror.fetch()).toEqual({ commit, forced: false });
    const revision = await mirror.read(commit);
    expect(revision.tree).toBe(lab.origin.git('rev-parse', 'HEAD^{tree}'));
    expect(revision.findings).toEqual([]);
    expect(textsOf(revision.files)).toEqual({
      '.headgateignore': 'other\n',
      'models/a.yaml': 'a: 1\n',
      'models/b.yml': '',
      'policies/p/data.json': '{}\n',
      'policies/p/data.yaml': 'x: 1\n',
      'policies/p/p.rego': 'package p\n',
    });
    expect(revision.files.map(({ path }) => path)).toEqual(Object.keys(textsOf(revision.files)).sort());
    expect(revision.files[1]?.blobId).toBe(lab.origin.git('rev-parse', 'HEAD:models/a.yaml'));
  });

  test('can be a directory of the repository: its paths start there, its tree is its own', async () => {
    const commit = lab.origin.commit({ 'config/eu/a.yaml': 'a: 1\n', 'b.yaml': 'b: 1\n' });
    const mirror = await lab.open();
    await mirror.fetch();
    const revision = await mirror.read(commit, 'config/eu');
    expect(textsOf(revision.files)).toEqual({ 'a.yaml': 'a: 1\n' });
    expect(revision.tree).toBe(lab.origin.git('rev-parse', 'HEAD:config/eu'));
    expect((await mirror.read(commit, 'config/us')).findings).toEqual([
      { kind: 'missing-directory', path: 'config/us' },
    ]);
  });

  test('of a later commit is read whole, though only what changed is read again', async () => {
    const first = lab.origin.commit({ 'a.yaml': 'a: 1\n', 'x/b.yaml': 'b: 1\n' });
    const mirror = await lab.open();
    await mirror.fetch();
    const before = await mirror.read(first);
    const second = lab.origin.commit({ 'a.yaml': 'a: 2\n' });
    expect(await mirror.fetch()).toEqual({ commit: second, forced: false });
    const after = await mirror.read(second);
    expect(textsOf(after.files)).toEqual({ 'a.yaml': 'a: 2\n', 'x/b.yaml': 'b: 1\n' });
    expect(after.files[1]?.bytes).toBe(before.files[1]?.bytes);
    expect(textsOf((await mirror.read(first)).files)).toEqual({ 'a.yaml': 'a: 1\n', 'x/b.yaml': 'b: 1\n' });
  });

  test('says of each thing that configuration may not be, where it is', async () => {
    lab.origin.commit({
      'CASE.yaml': '',
      'back\\slash.yaml': '',
      'case.yaml': '',
      'large.yaml': 'x'.repeat(101),
      'line\rfeed.yaml': '',
      'pointer.yaml': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
    });
    symlinkSync('/etc/passwd', join(lab.origin.path, 'link.yaml'));
    lab.origin.git('update-index', '--add', '--cacheinfo', `160000,${lab.origin.git('rev-parse', 'HEAD')},module`);
    lab.origin.git('add', 'link.yaml');
    lab.origin.git('commit', '--quiet', '-m', 'links');
    const mirror = await lab.open({ limits: { fileBytesMax: 100 } });
    const { commit } = await mirror.fetch();
    const revision = await mirror.read(commit);
    expect(revision.findings).toEqual([
      { kind: 'unsafe-path', path: 'back\\slash.yaml' },
      { kind: 'case-collision', path: 'case.yaml' },
      { kind: 'file-too-large', path: 'large.yaml' },
      { kind: 'unsafe-path', path: 'line\\u{d}feed.yaml' },
      { kind: 'symlink', path: 'link.yaml' },
      { kind: 'submodule', path: 'module' },
      { kind: 'lfs-pointer', path: 'pointer.yaml' },
    ]);
    expect(revision.files.map(({ path }) => path)).toEqual(['CASE.yaml', 'case.yaml']);
  });

  test.each([
    [{ filesMax: 1 }, { kind: 'too-many-files', path: '' }],
    [{ entriesMax: 2 }, { kind: 'too-many-entries', path: 'x/' }],
    [{ totalBytesMax: 9 }, { kind: 'too-many-bytes', path: 'x/y/c.yaml' }],
  ])('above the limits %j has no files and one finding', async (limits, finding) => {
    const commit = lab.origin.commit({ 'a.yaml': 'a: 1\n', 'x/y/c.yaml': 'c: 1\n' });
    const mirror = await lab.open({ limits });
    await mirror.fetch();
    const { files, findings } = await mirror.read(commit);
    expect({ files: files.length, findings }).toEqual({ files: 0, findings: [finding] });
  });

  test('does not open directories that are too deep', async () => {
    const commit = lab.origin.commit({ 'a.yaml': 'a: 1\n', 'x/y/c.yaml': 'c: 1\n' });
    const mirror = await lab.open({ limits: { depthMax: 2 } });
    await mirror.fetch();
    const { files, findings } = await mirror.read(commit);
    expect({ files: files.length, findings }).toEqual({ files: 1, findings: [{ kind: 'too-deep', path: 'x/y' }] });
  });
});

describe('the story of a commit', () => {
  test('who, when, why; and who wrote a line', async () => {
    const first = lab.origin.commit({ 'a.yaml': 'one: 1\ntwo: 2\n' }, 'start');
    const second = lab.origin.commit({ 'a.yaml': 'one: 1\ntwo: 3\n' }, 'raise two\n\nbecause');
    const mirror = await lab.open();
    await mirror.fetch();
    const authoredAt = Date.parse('2026-03-01T10:00:00Z');
    expect(await mirror.commitInfo(second)).toEqual({
      commit: second,
      tree: lab.origin.git('rev-parse', 'HEAD^{tree}'),
      parents: [first],
      author: 'Ada',
      email: 'ada@example.com',
      authoredAt,
      subject: 'raise two',
    });
    expect(await mirror.blame(second, 'a.yaml', 1)).toEqual({ commit: first, author: 'Ada', authoredAt });
    expect(await mirror.blame(second, 'a.yaml', 2)).toEqual({ commit: second, author: 'Ada', authoredAt });
    await expect(mirror.blame(second, 'none.yaml', 1)).rejects.toMatchObject({ code: 'git-failed' });
    await expect(mirror.commitInfo('0'.repeat(40))).rejects.toMatchObject({ code: 'git-commit-missing' });
    await expect(mirror.read('main')).rejects.toMatchObject({ code: 'git-settings' });
  });
});
