import { SourceError } from './source-error.ts';

/** Where a repository is, after the allow-list: what git gets, and the directory when it is one of this machine. */
export type RemoteAddress =
  | { readonly kind: 'https' | 'ssh'; readonly url: string }
  | { readonly kind: 'local'; readonly url: string; readonly directory: string };

/** `user@host:path`, the short form of ssh. A `::` would name a remote helper, and is refused before. */
const SSH_SHORT_FORM = /^(?:[A-Za-z0-9_.-]+@)?[A-Za-z0-9][A-Za-z0-9_.-]*:[^:].*$/;
const ADDRESS_CHARACTERS_MAX = 2_048;

/**
 * Accepts `https://`, `ssh://` and `user@host:path`; an absolute path or `file://` only with `allowLocal`.
 * Refuses what could become an option or a remote helper, and passwords, which belong to a credential.
 * @throws SourceError `git-settings`
 */
export function remoteAddress(url: string, allowLocal: boolean): RemoteAddress {
  if (url.length > ADDRESS_CHARACTERS_MAX || /[\p{Cc}\s]/u.test(url) || url.startsWith('-') || url.includes('::')) {
    throw refused('it holds characters that no repository address needs');
  }
  if (url.startsWith('https://') || url.startsWith('ssh://')) return networkAddress(url);
  if (url.startsWith('/')) return localAddress(url, url, allowLocal);
  if (url.startsWith('file:///')) return localAddress(url, decodeURIComponent(url.slice('file://'.length)), allowLocal);
  if (!url.includes('//') && SSH_SHORT_FORM.test(url)) return { kind: 'ssh', url };
  throw refused('use https://, ssh:// or user@host:path');
}

function networkAddress(url: string): RemoteAddress {
  if (!URL.canParse(url)) throw refused('it is no URL');
  const parsed = new URL(url);
  if (parsed.password !== '') throw refused('a password in it would show in process lists');
  if ([parsed.hostname, parsed.username].some((part) => /^(-|%2d)/i.test(part))) {
    throw refused('its host or user would be taken for an option');
  }
  return { kind: parsed.protocol === 'https:' ? 'https' : 'ssh', url };
}

function localAddress(url: string, directory: string, allowLocal: boolean): RemoteAddress {
  if (!allowLocal) throw refused('a repository of this machine must be allowed by the boot settings');
  return { kind: 'local', url, directory };
}

function refused(why: string): SourceError {
  return new SourceError('git-settings', `the repository address is refused: ${why}`);
}
