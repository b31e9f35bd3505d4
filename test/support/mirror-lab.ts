import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { type Mirror, openMirror } from '../../src/io/git/mirror.ts';
import type { MirrorOptions } from '../../src/io/git/mirror-options.ts';
import { createGitRepository, type GitRepository } from './git-repository.ts';

/** A repository and an empty directory for its mirror, fresh for each test of the file that calls this. */
export interface MirrorLab {
  origin: GitRepository;
  directory: string;
  /** Opens a mirror of branch main; it is closed after the test. */
  open(options?: Partial<MirrorOptions>): Promise<Mirror>;
}

export function useMirrorLab(): MirrorLab {
  const mirrors: Mirror[] = [];
  const lab = {
    async open(options: Partial<MirrorOptions> = {}) {
      const { origin, directory } = lab;
      const mirror = await openMirror({ url: origin.path, ref: 'main', directory, allowLocal: true, ...options });
      mirrors.push(mirror);
      return mirror;
    },
  } as MirrorLab;
  beforeEach(() => {
    lab.origin = createGitRepository();
    lab.directory = mkdtempSync(join(tmpdir(), 'headgate-mirror-'));
  });
  afterEach(async () => {
    await Promise.all(mirrors.splice(0).map((mirror) => mirror.close()));
    lab.origin.remove();
    rmSync(lab.directory, { recursive: true, force: true });
  });
  return lab;
}

/** The files of a revision by path, as text. */
export function textsOf(files: readonly { path: string; bytes: Uint8Array }[]): Record<string, string> {
  return Object.fromEntries(files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]));
}
