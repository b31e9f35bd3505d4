import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { documentDiagnostics } from '../../src/app/revision/compile-revision.ts';
import type { Diagnostic } from '../../src/core/diagnostics/diagnostic.ts';
import { openMirror } from '../../src/io/git/mirror.ts';
import { readWorkingTree } from '../../src/io/git/working-tree.ts';
import { createGitRepository, type GitRepository } from '../support/git-repository.ts';

const TEAM = 'apiVersion: headgate.dev/v1\nkind: Team\nmetadata: { name: red }\nspec: { models: [ "*" ] }\n';
const HUNDRED_MEGABYTES = 100 * 1024 * 1024;

let repository: GitRepository;
let mirrorDirectory: string;
beforeEach(() => {
  repository = createGitRepository();
  mirrorDirectory = mkdtempSync(join(tmpdir(), 'headgate-hostile-'));
});
afterEach(() => {
  repository.remove();
  rmSync(mirrorDirectory, { recursive: true });
});

function told(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ code, span, message }) => `${code} ${span.file} ${message}`);
}

async function ofDirectory(): Promise<string[]> {
  return told(documentDiagnostics({ commit: 'worktree', ...(await readWorkingTree(repository.path)) }));
}

async function ofCommit(commit: string): Promise<string[]> {
  const mirror = await openMirror({ url: repository.path, ref: 'main', directory: mirrorDirectory, allowLocal: true });
  await mirror.fetch();
  const tree = await mirror.read(commit);
  await mirror.close();
  return told(documentDiagnostics({ commit, ...tree }));
}

function sparseFile(name: string, bytes: number): void {
  const file = openSync(join(repository.path, name), 'w');
  ftruncateSync(file, bytes);
  closeSync(file);
}

describe('what is no plain file is refused by name, on disk as in a commit', () => {
  test.each<[string, (root: string) => void, Readonly<Record<string, string>>, string]>([
    [
      'a symbolic link',
      (root) => symlinkSync('/etc/passwd', join(root, 'link.yaml')),
      {},
      'HG1016 link.yaml this is a symbolic link; write the file itself',
    ],
    [
      'a link to a folder above',
      (root) => symlinkSync('..', join(root, 'up')),
      {},
      'HG1016 up this is a symbolic link; write the file itself',
    ],
    [
      'a pointer to large file storage',
      () => undefined,
      { 'models.yaml': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n' },
      'HG1016 models.yaml this is a pointer to large file storage; commit the file itself',
    ],
    [
      'paths that differ in case alone',
      () => undefined,
      { 'TEAM.yaml': '# nothing\n' },
      'HG1016 team.yaml another path differs from this one in upper and lower case alone',
    ],
    [
      'a name with a line break',
      () => undefined,
      { 'a\nb.yaml': TEAM },
      'HG1016 a\\u{a}b.yaml the path holds characters that no path here may have',
    ],
  ])('%s', async (_what, make, files, expected) => {
    make(repository.path);
    const commit = repository.commit({ 'team.yaml': TEAM, ...files });
    expect(await ofDirectory()).toEqual([expected]);
    expect(await ofCommit(commit)).toEqual([expected]);
  });

  test('a submodule', async () => {
    const first = repository.commit({ 'team.yaml': TEAM });
    repository.git('update-index', '--add', '--cacheinfo', `160000,${first},module`);
    repository.git('commit', '--quiet', '-m', 'module');
    const expected = ['HG1016 module this is a submodule; its content is not read'];
    expect(await ofCommit(repository.git('rev-parse', 'HEAD'))).toEqual(expected);
    mkdirSync(join(repository.path, 'module'));
    writeFileSync(join(repository.path, 'module/.git'), 'gitdir: ../.git/modules/module\n');
    writeFileSync(join(repository.path, 'module/team.yaml'), TEAM);
    expect(await ofDirectory()).toEqual(expected);
  });
});

describe('what is too large is refused without being read', () => {
  test('a file of 100 MB', async () => {
    sparseFile('large.yaml', HUNDRED_MEGABYTES);
    const before = process.memoryUsage().arrayBuffers;
    expect(await ofDirectory()).toEqual(['HG1005 large.yaml the file is too large']);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(HUNDRED_MEGABYTES / 2);
  });

  test.each([
    ['flow lists', '['.repeat(10_000)],
    ['flow mappings', '{a: '.repeat(10_000)],
    ['lists in one line', '- '.repeat(10_000)],
    ['mappings', Array.from({ length: 1_000 }, (_item, depth) => `${' '.repeat(depth)}a:\n`).join('')],
  ])('%s that are nested ten thousand deep', async (_what, text) => {
    repository.commit({ 'deep.yaml': text });
    expect(await ofDirectory()).toEqual(['HG1012 deep.yaml nested more than 32 levels deep']);
  });

  test('folders that are nested too deep', async () => {
    mkdirSync(join(repository.path, 'a/'.repeat(40)), { recursive: true });
    expect(await ofDirectory()).toEqual([`HG1014 ${'a/'.repeat(16).slice(0, -1)} folders are nested too deep`]);
  });
});
