import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RemoteAddress } from './remote-address.ts';
import { SourceError } from './source-error.ts';

/** By what a remote is reached. Nothing of it stands in an argument of a process, in a log or in an error. */
export interface RemoteAccess {
  /** Who logs in over https. The token is read at each use, so that it can be renewed; an empty one is none. */
  readonly login?: { readonly username: string; readonly token: () => string | Promise<string> };
  /** A file of PEM certificates to trust for https, instead of the system's. */
  readonly authorityFile?: string;
  /** PEM files of the certificate that we show over https. */
  readonly clientCertificate?: { readonly certificateFile: string; readonly keyFile: string };
  /** `http://`, `https://` or `socks5h://`, instead of what the environment says. */
  readonly proxy?: string;
  /** Absent files: the keys of the agent, the known hosts of the user and the system. */
  readonly ssh?: { readonly keyFile?: string; readonly knownHostsFile?: string };
}

export const NO_ACCESS: RemoteAccess = {};

const TOKEN_CHARACTERS_MAX = 16 * 1024;
const KEY_COPY = 'ssh-key';
/** git runs it by a shell, whose own `printf` puts the token into no process list. */
const CREDENTIAL_HELPER = `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$HEADGATE_GIT_USERNAME" "$HEADGATE_GIT_TOKEN"; }; f`;

/**
 * The lines of git's settings file for this remote. The helper that gives the token answers for the remote's own host
 * alone: after a redirect to another one git asks it in vain.
 */
export function accessSettings(access: RemoteAccess, remote: RemoteAddress): string {
  if (remote.kind !== 'https') return '';
  const { origin } = new URL(remote.url);
  const { login, authorityFile, clientCertificate, proxy } = access;
  const http = [
    ['sslCAInfo', authorityFile],
    ['sslCert', clientCertificate?.certificateFile],
    ['sslKey', clientCertificate?.keyFile],
    ['proxy', proxy],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`\t${name} = ${quoted(value)}\n`]));
  const credential = login === undefined ? '' : `[credential "${origin}"]\n\thelper = ${quoted(CREDENTIAL_HELPER)}\n`;
  return `[http "${origin}/"]\n${http.join('')}${credential}`;
}

/** A value of git's settings file. */
function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * What the processes of one call to the remote get in their environment. The ssh key is copied for us alone, since ssh
 * takes none that others may read, as mounted secrets often are.
 * @throws SourceError `git-auth` when the token or the key is not there
 */
export async function accessEnvironment(access: RemoteAccess, home: string): Promise<NodeJS.ProcessEnv> {
  const { login, ssh } = access;
  if (ssh?.keyFile !== undefined) await copyKey(ssh.keyFile, join(home, KEY_COPY));
  if (login === undefined) return {};
  const token = await login.token();
  if (token === '') throw new SourceError('git-auth', 'the token for the repository is empty');
  if (token.length > TOKEN_CHARACTERS_MAX || /[\p{Cc}]/u.test(token)) {
    throw new SourceError('git-auth', 'the token for the repository is none: it is too long or has more than one line');
  }
  return { HEADGATE_GIT_USERNAME: login.username, HEADGATE_GIT_TOKEN: token };
}

async function copyKey(from: string, to: string): Promise<void> {
  try {
    const key = await readFile(from);
    const partial = `${to}.new`;
    await writeFile(partial, key, { mode: 0o600 });
    await rename(partial, to);
  } catch (cause) {
    throw unreadableKey(cause);
  }
}

function unreadableKey(cause: unknown): SourceError {
  return new SourceError('git-auth', 'the ssh key for the repository cannot be read', { cause });
}

/** The command by which git reaches a remote over ssh: it asks nobody, trusts known hosts alone, reads no user's file. */
export function sshCommand(access: RemoteAccess, home: string): string {
  const { keyFile, knownHostsFile } = access.ssh ?? {};
  const options = [
    ['BatchMode', 'yes'],
    ['StrictHostKeyChecking', 'yes'],
    ['ConnectTimeout', '10'],
    ['ServerAliveInterval', '10'],
    ['ServerAliveCountMax', '3'],
    ['ForwardAgent', 'no'],
    ['PermitLocalCommand', 'no'],
    ...(keyFile === undefined
      ? []
      : [
          ['IdentityFile', sshPath(join(home, KEY_COPY))],
          ['IdentitiesOnly', 'yes'],
          ['IdentityAgent', 'none'],
        ]),
    ...(knownHostsFile === undefined
      ? []
      : [
          ['UserKnownHostsFile', sshPath(knownHostsFile)],
          ['GlobalKnownHostsFile', '/dev/null'],
          ['UpdateHostKeys', 'no'],
        ]),
  ];
  return ['ssh', '-F', 'none', ...options.map(([name, value]) => shellWord(`-o${name}=${value}`))].join(' ');
}

/** A path as ssh reads one in an option: in quotes, and `%` would begin a word of its own. */
function sshPath(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`;
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
