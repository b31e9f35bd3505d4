import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { requiredTool } from '../../../io/tools/find-tool.ts';
import type { ConfigTree } from './quickstart-tree.ts';

/** A commit, and the moment (of performance.now) just before the branch was moved to it. */
export interface MadeCommit {
  readonly id: string;
  readonly movedAtMs: number;
}

const AUTHOR = {
  GIT_AUTHOR_NAME: 'Demo',
  GIT_AUTHOR_EMAIL: 'demo@example.com',
  GIT_COMMITTER_NAME: 'Demo',
  GIT_COMMITTER_EMAIL: 'demo@example.com',
};
/** Nothing of the user's own set-up (hooks, signing, line endings) may change what a commit is here. */
const PLAIN_GIT = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
const BRANCH = 'refs/heads/main';

/** The Git repository that headgate watches, with a working tree to change it by. */
export class ConfigRepository {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async create(tree: ConfigTree): Promise<MadeCommit> {
    await mkdir(this.path, { recursive: true });
    await this.#git('init', '--quiet', '--initial-branch=main');
    await this.#git('config', 'gc.auto', '0');
    return this.commit('all of it', tree);
  }

  read(file: string): Promise<string> {
    return readFile(join(this.path, file), 'utf8');
  }

  /** Writes the files and commits everything. */
  async commit(subject: string, files: ConfigTree): Promise<MadeCommit> {
    for (const [file, text] of Object.entries(files)) {
      const path = join(this.path, file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
    return this.#commitTree(subject);
  }

  /** Takes a commit back by a new one, as `git revert` does. */
  async revert(id: string, subject: string): Promise<MadeCommit> {
    await this.#git('revert', '--no-commit', id);
    await this.#git('revert', '--quit');
    return this.#commitTree(subject);
  }

  /** In steps, so that the branch moves at a known moment. */
  async #commitTree(subject: string): Promise<MadeCommit> {
    await this.#git('add', '--all', '--force');
    const tree = await this.#git('write-tree');
    const head = await this.#git('rev-parse', '--quiet', '--verify', BRANCH).catch(() => '');
    const parents = head === '' ? [] : ['-p', head];
    const id = await this.#git('commit-tree', tree, ...parents, '-m', subject);
    const movedAtMs = performance.now();
    await this.#git('update-ref', BRANCH, id);
    return { id, movedAtMs };
  }

  async #git(...words: string[]): Promise<string> {
    const environment = { ...process.env, ...PLAIN_GIT, ...AUTHOR };
    const { stdout } = await promisify(execFile)(requiredTool('git'), ['-C', this.path, ...words], {
      env: environment,
    });
    return stdout.trimEnd();
  }
}
