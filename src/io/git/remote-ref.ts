import { type GitProgram, runGit } from './git-process.ts';
import { accessEnvironment } from './remote-access.ts';
import type { RemoteAddress } from './remote-address.ts';
import { compareVersions, isInRange, parseVersion, type SemverRange, type Version } from './semver-range.ts';
import { SourceError } from './source-error.ts';
import type { WatchedRef } from './watched-ref.ts';

interface Question {
  readonly program: GitProgram;
  readonly repository: string;
  readonly remote: RemoteAddress;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * What to ask the remote for: a ref's whole name, or a commit. Versions are looked up among its tags.
 * @throws SourceError `git-ref-missing` when no tag is in the range
 */
export async function remoteRef(ref: WatchedRef, question: Question): Promise<string> {
  switch (ref.kind) {
    case 'name':
      return ref.name;
    case 'commit':
      return ref.commit;
    case 'semver': {
      const tag = highestTag(await tagsOf(question), ref.range);
      if (tag !== undefined) return `refs/tags/${tag}`;
      throw new SourceError('git-ref-missing', `no tag of the repository is in the range ${ref.text}`);
    }
  }
}

async function tagsOf({ program, repository, remote, timeoutMs, signal }: Question): Promise<string[]> {
  const { output } = await runGit(program, {
    arguments: ['ls-remote', '--quiet', '--refs', '--tags', '--end-of-options', remote.url],
    repository,
    doing: 'list the tags',
    environment: await accessEnvironment(program.access, program.home),
    timeoutMs,
    signal,
  });
  return [...output.matchAll(/^[0-9a-f]{40}\trefs\/tags\/(.+)$/gm)].flatMap(([, tag]) => tag ?? []);
}

/** Of two tags that say the same version, `v1.0.0` and `1.0.0`, the later in order of bytes: always the same one. */
function highestTag(tags: readonly string[], range: SemverRange): string | undefined {
  let highest: { readonly tag: string; readonly version: Version } | undefined;
  for (const tag of tags.toSorted()) {
    const version = parseVersion(tag);
    if (version === undefined || !isInRange(version, range)) continue;
    if (highest === undefined || compareVersions(version, highest.version) >= 0) highest = { tag, version };
  }
  return highest?.tag;
}
