import { parseSemverRange, type SemverRange } from './semver-range.ts';
import { SourceError } from './source-error.ts';

/** What the settings may say of a ref; where several are said, the last of this list wins (as of Flux). */
export interface RefChoice {
  readonly branch?: string | undefined;
  readonly tag?: string | undefined;
  /** The highest tag of a range: see parseSemverRange. */
  readonly semver?: string | undefined;
  /** A whole name, such as `refs/pull/12/head`, or HEAD. */
  readonly name?: string | undefined;
  /** 40 hexadecimal digits. */
  readonly commit?: string | undefined;
}

/** What is watched. */
export type WatchedRef =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'semver'; readonly text: string; readonly range: SemverRange }
  | { readonly kind: 'commit'; readonly commit: string };

/**
 * What a choice means. Text alone is a branch, or a whole name.
 * @throws SourceError `git-settings` when it is no name, range or commit
 */
export function watchedRef(choice: string | RefChoice): WatchedRef {
  if (typeof choice === 'string') return { kind: 'name', name: fullRefName(choice) };
  const { branch, tag, semver, name, commit } = choice;
  if (commit !== undefined) return watchedCommit(commit);
  if (name !== undefined) return { kind: 'name', name: wholeRefName(name) };
  if (semver !== undefined) return watchedRange(semver);
  if (tag !== undefined) return { kind: 'name', name: wholeRefName(`refs/tags/${tag}`) };
  return { kind: 'name', name: wholeRefName(`refs/heads/${branch ?? ''}`) };
}

/** A choice as one text, for status and logs. */
export function refText(choice: string | RefChoice): string {
  if (typeof choice === 'string') return shortRefName(choice);
  const { branch, tag, semver, name, commit } = choice;
  return commit ?? shortRefName(name ?? semver ?? tag ?? branch ?? '');
}

/** The ref as people write it: `main`, `v1.2.3`, `refs/pull/12/head`. */
export function shortRefName(name: string): string {
  return name.replace(/^refs\/(heads|tags)\//, '');
}

/**
 * Whether a push of these refs can move what is watched.
 * @param pushed whole names; undefined for something else than a push, such as a change of a pull request
 */
export function concerns(ref: WatchedRef, pushed: readonly string[] | undefined): boolean {
  switch (ref.kind) {
    case 'commit':
      return false;
    case 'semver':
      return pushed?.some((name) => name.startsWith('refs/tags/')) ?? false;
    case 'name':
      if (ref.name === 'HEAD') return pushed !== undefined;
      return !/^refs\/(heads|tags)\//.test(ref.name) || (pushed?.includes(ref.name) ?? false);
  }
}

function watchedCommit(commit: string): WatchedRef {
  if (/^[0-9a-f]{40}$/.test(commit)) return { kind: 'commit', commit };
  throw new SourceError('git-settings', 'a commit is named by its 40 hexadecimal digits');
}

function watchedRange(text: string): WatchedRef {
  const range = parseSemverRange(text);
  if (range !== undefined) return { kind: 'semver', text, range };
  throw new SourceError('git-settings', 'what is said of versions is no range, such as ">=1.2 <2"');
}

/** The whole name of a ref: a full name, HEAD, or a branch. */
function fullRefName(ref: string): string {
  return wholeRefName(ref === 'HEAD' || ref.startsWith('refs/') ? ref : `refs/heads/${ref}`);
}

/** @throws SourceError `git-settings` when it is no whole name of a ref */
export function wholeRefName(name: string): string {
  const wellFormed = /^(HEAD|refs(\/[A-Za-z0-9_+=%@,#][A-Za-z0-9._+=%@,#-]*){2,})$/.test(name);
  if (wellFormed && !name.includes('..') && !name.includes('@{') && !/\.lock(\/|$)/.test(name)) return name;
  throw new SourceError('git-settings', 'the ref to watch is no name of a branch or ref');
}
