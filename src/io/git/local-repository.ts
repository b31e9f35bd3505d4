import { findGitDirectory } from './find-git-directory.ts';
import { type Commit, parseCommit } from './git-object.ts';
import { type GitProgram, runGit } from './git-process.ts';
import { type LineOrigin, parseBlame } from './line-origin.ts';
import { ObjectReader } from './object-reader.ts';
import { NO_ACCESS } from './remote-access.ts';
import { EMPTY_CACHE, findSubtree, revisionTree } from './revision-tree.ts';
import { SourceError } from './source-error.ts';
import { type Finding, SOURCE_LIMITS, type SourceFile } from './source-file.ts';
import { walkSource } from './walk-source.ts';

/** A folder that does not exist: no setting of the user's counts, only those of the repository. */
const NO_HOME = '/nonexistent';
const QUESTION_TIMEOUT_MS = 10_000;
const COMMIT_BYTES_MAX = 1024 * 1024;
const OBJECT_ID = /^[0-9a-f]{40}$/;

/** A repository on this machine, read by object ids; nothing is checked out and nothing is written. */
export interface LocalRepository {
  /** The commit that a name (`main`, `HEAD~1`, a tag, an id) means. @throws SourceError `git-ref-missing` */
  readonly resolve: (name: string) => Promise<string>;
  /** As `Mirror.read`. */
  readonly read: (commit: string, subpath: string) => Promise<{ files: SourceFile[]; findings: Finding[] }>;
  /** A file of a commit by its path from the root; undefined where there is none, or it is larger. */
  readonly file: (commit: string, path: string, bytesMax: number) => Promise<Uint8Array | undefined>;
  /** As `Mirror.blame`. */
  readonly blame: (commit: string, path: string, line: number) => Promise<LineOrigin>;
  /** The root of its working tree. */
  readonly root: string;
  readonly close: () => void;
}

/**
 * Opens the repository that a directory is in.
 * @throws SourceError `git-settings` when it is in none, `git-missing`
 */
export async function openLocalRepository(directory: string, gitPath = 'git'): Promise<LocalRepository> {
  const program: GitProgram = { gitPath, home: NO_HOME, access: NO_ACCESS, allowLocal: false };
  const where = await findGitDirectory(directory);
  const reader = new ObjectReader(program, where.gitDirectory);
  const ask = async (doing: string, command: readonly string[]): Promise<string> => {
    const run = { arguments: command, repository: where.gitDirectory, doing, timeoutMs: QUESTION_TIMEOUT_MS };
    return (await runGit(program, run)).output;
  };
  let cache = EMPTY_CACHE;
  return {
    root: where.root,
    resolve: async (name) => {
      const words = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
      try {
        return (await ask('look up a revision', words)).trim();
      } catch (cause) {
        throw missingRevision(name, cause);
      }
    },
    read: async (commit, subpath) => {
      const { tree: rootId } = await commitAt(reader, commit);
      const { tree, touched } = revisionTree(reader, cache);
      const parts = subpath.split('/').filter((part) => part !== '' && part !== '.');
      const id = await findSubtree(tree, rootId, parts);
      if (id === undefined) return { files: [], findings: [{ kind: 'missing-directory', path: subpath }] };
      const walked = await walkSource(tree, id, SOURCE_LIMITS);
      // Of two revisions most objects are the same.
      cache = touched;
      return walked;
    },
    file: async (commit, path, bytesMax) => {
      const object = await reader.read(`${checkedId(commit)}:${path}`, bytesMax);
      return object.kind === 'object' && object.type === 'blob' ? object.bytes : undefined;
    },
    blame: async (commit, path, line) =>
      parseBlame(await ask('blame', ['blame', '--porcelain', `-L${line},${line}`, checkedId(commit), '--', path])),
    close: () => reader.close(),
  };
}

function missingRevision(name: string, cause: unknown): SourceError {
  return new SourceError('git-ref-missing', `the repository has no revision "${name}"`, { cause });
}

async function commitAt(reader: ObjectReader, commit: string): Promise<Commit> {
  const object = await reader.read(checkedId(commit), COMMIT_BYTES_MAX);
  const parsed = object.kind === 'object' && object.type === 'commit' ? parseCommit(object.bytes) : undefined;
  if (parsed !== undefined) return parsed;
  throw new SourceError('git-commit-missing', `the repository has no commit ${commit}`);
}

function checkedId(commit: string): string {
  if (OBJECT_ID.test(commit)) return commit;
  throw new SourceError('git-settings', 'a commit is named by its 40 hexadecimal digits');
}
