import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GitProgram, globalSettingsPath, runGit } from './git-process.ts';
import { accessSettings } from './remote-access.ts';
import type { RemoteAddress } from './remote-address.ts';

/** What the watched ref was at the last fetch. */
export const MIRROR_REF = 'refs/headgate/source';
/** A commit that was asked for by its id. */
export const COMMIT_REF = 'refs/headgate/commit';

const LOCAL_COMMAND_TIMEOUT_MS = 10_000;
const REPACK_TIMEOUT_MS = 120_000;
/** Each fetch leaves a pack, and each pack slows every look-up a little. */
const PACKS_MAX = 50;

/** The files of a mirror below the directory that it owns alone. */
export interface MirrorPaths {
  readonly repository: string;
  /** Where a new mirror is built before it takes the place of the old one. */
  readonly building: string;
}

export function mirrorPaths(directory: string): MirrorPaths {
  return { repository: join(directory, 'mirror.git'), building: join(directory, 'building.git') };
}

/**
 * Makes the home of git's processes. `safe.directory` stands in its settings file, since git takes it from no flag
 * when it serves a repository of this machine that another user owns; the boot settings named that repository.
 */
export async function prepareHome(program: GitProgram, remote: RemoteAddress): Promise<void> {
  await mkdir(program.home, { recursive: true, mode: 0o700 });
  const directories = remote.kind === 'local' ? [remote.directory, join(remote.directory, '.git')] : [];
  const lines = directories.map((path) => `\tdirectory = "${path.replace(/["\\]/g, '\\$&')}"\n`);
  const text = `[safe]\n${lines.join('')}${accessSettings(program.access, remote)}`;
  await writeFile(globalSettingsPath(program), text, { mode: 0o600 });
}

export async function isRepository(path: string): Promise<boolean> {
  try {
    return (
      (await readFile(join(path, 'HEAD'), 'latin1')).startsWith('ref: ') &&
      (await stat(join(path, 'objects'))).isDirectory()
    );
  } catch {
    return false;
  }
}

/** An empty bare repository, without templates and so without hooks. */
export async function buildEmpty(program: GitProgram, paths: MirrorPaths): Promise<void> {
  await rm(paths.building, { recursive: true, force: true });
  const command = ['init', '--quiet', '--bare', '--template=', paths.building];
  await runGit(program, {
    arguments: command,
    repository: paths.building,
    doing: 'make a mirror',
    timeoutMs: LOCAL_COMMAND_TIMEOUT_MS,
  });
}

export async function replaceMirror(paths: MirrorPaths): Promise<void> {
  await rm(paths.repository, { recursive: true, force: true });
  await rename(paths.building, paths.repository);
}

/** Where refs of ours are: the watched one, and branches that take commits back. */
const REF_FOLDERS = ['refs', 'refs/headgate', 'refs/heads', 'refs/heads/headgate'];

/** Deletes what a killed git leaves: locks, which would stop every later fetch, and half packs. */
export async function removeLeftovers(repository: string): Promise<void> {
  for (const folder of REF_FOLDERS.concat('', 'objects/pack')) {
    for (const name of await namesIn(join(repository, folder))) {
      const leftover = name.endsWith('.lock') || (folder === 'objects/pack' && name.startsWith('tmp_'));
      if (leftover) await rm(join(repository, folder, name), { force: true });
    }
  }
}

/** How much the packs take, those that still arrive included. */
export async function packBytes(repository: string): Promise<number> {
  const folder = join(repository, 'objects/pack');
  const sizes = await Promise.all(
    (await namesIn(folder)).map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Puts many packs into one. Commits that a force push took off stay readable for an hour. */
export async function repackWhenMany(program: GitProgram, repository: string, signal: AbortSignal): Promise<void> {
  const packs = (await namesIn(join(repository, 'objects/pack'))).filter((name) => name.endsWith('.pack'));
  if (packs.length <= PACKS_MAX) return;
  await runGit(program, {
    arguments: ['gc', '--quiet', '--prune=1.hour.ago'],
    repository,
    doing: 'repack the mirror',
    timeoutMs: REPACK_TIMEOUT_MS,
    signal,
  });
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}
