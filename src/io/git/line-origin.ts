import { SourceError } from './source-error.ts';

/** Who wrote a line. */
export interface LineOrigin {
  readonly commit: string;
  readonly author: string;
  /** Milliseconds since the epoch. */
  readonly authoredAt: number;
}

/** Reads the first entry of `git blame --porcelain`. */
export function parseBlame(output: string): LineOrigin {
  const commit = /^([0-9a-f]{40}) /.exec(output)?.[1];
  const author = /^author (.*)$/m.exec(output)?.[1];
  const time = /^author-time (-?\d+)$/m.exec(output)?.[1];
  if (commit === undefined || author === undefined || time === undefined) {
    throw new SourceError('git-failed', 'blame: an answer that is none');
  }
  return { commit, author, authoredAt: Number(time) * 1000 };
}
