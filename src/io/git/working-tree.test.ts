import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createGitRepository } from '../../../test/support/git-repository.ts';
import { openMirror } from './mirror.ts';
import { readWorkingTree } from './working-tree.ts';

const removals: (() => void)[] = [];
afterEach(() => {
  for (const remove of removals.splice(0)) remove();
});

test('a directory gives what a commit of it gives', async () => {
  const repository = createGitRepository();
  const directory = await mkdtemp(join(tmpdir(), 'headgate-mirror-'));
  removals.push(repository.remove, () => rmSync(directory, { recursive: true }));
  mkdirSync(join(repository.path, 'models'));
  symlinkSync('a.yaml', join(repository.path, 'models/link.yaml'));
  const commit = repository.commit({
    'models/a.yaml': 'a: 1\n',
    'models/A.yaml': 'a: 1\n',
    'policies/p.rego': 'package p\n',
    'policies/data.json': '{}',
    'policies/bad\nname.rego': '',
    'lfs.yaml': 'version https://git-lfs.github.com/spec/v1\n',
    '.github/workflows/ci.yaml': 'on: push\n',
    'node_modules/m/m.yaml': 'm: 1\n',
    'notes.md': 'notes\n',
    '.headgateignore': 'notes.md\n',
  });
  const mirror = await openMirror({ url: repository.path, ref: 'main', directory, allowLocal: true });
  await mirror.fetch();
  const { files, findings } = await mirror.read(commit);
  await mirror.close();
  expect(await readWorkingTree(repository.path)).toEqual({ files, findings });
  expect({ paths: files.map(({ path }) => path), findings }).toEqual({
    paths: ['.headgateignore', 'models/A.yaml', 'models/a.yaml', 'policies/data.json', 'policies/p.rego'],
    findings: [
      { kind: 'lfs-pointer', path: 'lfs.yaml' },
      { kind: 'case-collision', path: 'models/a.yaml' },
      { kind: 'symlink', path: 'models/link.yaml' },
      { kind: 'unsafe-path', path: 'policies/bad\\u{a}name.rego' },
    ],
  });
});

test('a directory that is not there is a typed failure', async () => {
  await expect(readWorkingTree('/none')).rejects.toMatchObject({ name: 'SourceError', code: 'directory-unreadable' });
});
