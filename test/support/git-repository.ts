import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A real repository with a working tree, in a temporary directory. */
export interface GitRepository {
  readonly path: string;
  /** Runs git in it and gives what it printed, without the last newline. */
  git(...words: string[]): string;
  /** Writes files (undefined removes one), commits all, and gives the commit id. */
  commit(files: Readonly<Record<string, string | Uint8Array | undefined>>, subject?: string): string;
  remove(): void;
}

/** Whoever makes commits in tests: the same ids on every machine would need fixed dates, which no test relies on. */
const ENVIRONMENT = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_AUTHOR_DATE: '2026-03-01T10:00:00Z',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
};

export function createGitRepository(): GitRepository {
  const path = mkdtempSync(join(tmpdir(), 'headgate-repository-'));
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', path, ...words], { env: ENVIRONMENT, stdio: 'pipe' })
      .toString()
      .trimEnd();
  git('init', '--quiet', '--initial-branch=main');
  return {
    path,
    git,
    commit(files, subject = 'change') {
      for (const [name, content] of Object.entries(files)) {
        const file = join(path, name);
        mkdirSync(dirname(file), { recursive: true });
        if (content === undefined) rmSync(file);
        else writeFileSync(file, content);
      }
      git('add', '--all', '--force');
      git('commit', '--quiet', '--allow-empty', '-m', subject);
      return git('rev-parse', 'HEAD');
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
