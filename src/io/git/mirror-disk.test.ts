import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createGitRepository } from '../../../test/support/git-repository.ts';
import { textsOf, useMirrorLab } from '../../../test/support/mirror-lab.ts';

const lab = useMirrorLab();

/** A git that may write no file above some kilobytes, as on a full disk, until the returned function is called. */
function gitOnFullDisk(): { readonly gitPath: string; readonly makeRoom: () => void } {
  const gitPath = join(lab.directory, 'git');
  const write = (text: string) => {
    writeFileSync(gitPath, text);
    chmodSync(gitPath, 0o755);
  };
  // With the signal ignored a write above the limit fails, as it does on a disk that is full.
  write('#!/bin/sh\ntrap "" XFSZ\nulimit -f 8\nexec git "$@"\n');
  return { gitPath, makeRoom: () => write('#!/bin/sh\nexec git "$@"\n') };
}

/** Text that no compression makes small. */
const bulk = () => Buffer.from(crypto.getRandomValues(new Uint8Array(48 * 1024))).toString('base64');

test('a full disk is said, takes nothing away, and the next fetch after it finds all', async () => {
  const first = lab.origin.commit({ 'a.yaml': 'a: 1\n' });
  const mirror = await lab.open();
  await mirror.fetch();
  await mirror.close();
  const { gitPath, makeRoom } = gitOnFullDisk();
  const full = await lab.open({ gitPath });
  const text = bulk();
  const second = lab.origin.commit({ 'a.yaml': text });
  await expect(full.fetch()).rejects.toMatchObject({ code: 'git-disk' });
  expect(textsOf((await full.read(first)).files)).toEqual({ 'a.yaml': 'a: 1\n' });
  makeRoom();
  expect(await full.fetch()).toEqual({ commit: second, forced: false });
  expect(textsOf((await full.read(second)).files)).toEqual({ 'a.yaml': text });
});

test('a mirror that could not be made for want of room is made later', async () => {
  const { gitPath, makeRoom } = gitOnFullDisk();
  const commit = lab.origin.commit({ 'a.yaml': bulk() });
  const mirror = await lab.open({ gitPath });
  await expect(mirror.fetch()).rejects.toMatchObject({ code: 'git-disk' });
  makeRoom();
  expect(await mirror.fetch()).toEqual({ commit, forced: false });
});

test('a remote that is a shallow copy gives what it has', async () => {
  lab.origin.commit({ 'a.yaml': 'a: 1\n' });
  const second = lab.origin.commit({ 'a.yaml': 'a: 2\n' });
  const copy = createGitRepository();
  copy.git('fetch', '--quiet', '--depth=1', `file://${lab.origin.path}`, 'main:main', '--update-head-ok');
  const mirror = await lab.open({ url: copy.path });
  expect(await mirror.fetch()).toEqual({ commit: second, forced: false });
  const third = lab.origin.commit({ 'a.yaml': 'a: 3\n' });
  copy.git('fetch', '--quiet', '--depth=1', `file://${lab.origin.path}`, 'main:main', '--update-head-ok', '--force');
  expect(await mirror.fetch()).toMatchObject({ commit: third });
  expect(textsOf((await mirror.read(third)).files)).toEqual({ 'a.yaml': 'a: 3\n' });
  copy.git('fetch', '--quiet', '--unshallow', `file://${lab.origin.path}`, 'main:main', '--update-head-ok');
  const fourth = lab.origin.commit({ 'a.yaml': 'a: 4\n' });
  copy.git('fetch', '--quiet', `file://${lab.origin.path}`, 'main:main', '--update-head-ok');
  expect(await mirror.fetch()).toEqual({ commit: fourth, forced: false });
  copy.remove();
});
