import { resolve } from 'node:path';
import { z } from 'zod';
import { present } from '../../core/base/assert.ts';
import { DURATION_PATTERN, durationMs } from '../../core/base/duration.ts';
import { type GithubApp, githubAppToken } from '../../io/git/github-app.ts';
import type { RemoteAccess } from '../../io/git/remote-access.ts';
import type { SignatureKeys } from '../../io/git/verify-signature.ts';
import type { RefChoice } from '../../io/git/watched-ref.ts';
import { type ValueSource, valueReader, valueShape, valueSource } from './value-source.ts';

/** Which repository is watched, and by which rules. None of it comes from the repository. */
export interface RepositorySettings {
  readonly url: string;
  readonly ref: string | RefChoice;
  /** The folder of the tree that is ours, empty for all of it. */
  readonly path: string;
  readonly pollMs: number;
  /** Whether the URL may be a folder of this machine. */
  readonly allowLocal: boolean;
  /** What becomes of a commit that does not descend from the last one that was taken. */
  readonly forcePush: 'allow' | 'refuse';
  /** What becomes of the branch that takes back a commit which failed. */
  readonly revertBranches: 'push' | 'keep';
  readonly access: RepositoryAccess;
  readonly verify?: VerifySettings;
}

/** RemoteAccess with the place of the token, or of the key that brings one, in place of the token. */
export interface RepositoryAccess extends Omit<RemoteAccess, 'login'> {
  readonly login?:
    | { readonly username: string; readonly token: ValueSource }
    | { readonly githubApp: Omit<GithubApp, 'privateKey'> & { readonly privateKey: ValueSource } };
}

export interface VerifySettings {
  /** What must be signed: the commit itself, the annotated tag that is watched, or both. */
  readonly mode: 'head' | 'tag' | 'tag-and-head';
  readonly keys: SignatureKeys;
}

/** More often than this is no poll, and timers take no more than 24 days. */
const POLL_MS_MIN = 100;
const POLL_MS_MAX = 86_400_000;

function isPollInterval(text: string): boolean {
  const pollMs = durationMs(text);
  return pollMs === undefined || (pollMs >= POLL_MS_MIN && pollMs <= POLL_MS_MAX);
}

const word = z.string().min(1);
const path = word.meta({ description: 'A file, below the folder of the settings file or absolute.' });

const githubAppShape = z.strictObject({
  appId: z.int().positive(),
  installationId: z.int().positive(),
  privateKey: valueShape,
  api: z
    .string()
    .regex(/^https:\/\/[^@\s?#]+$/, 'write https://...')
    .default('https://api.github.com'),
});

const credentialsShape = z
  .strictObject({
    username: word.optional(),
    token: valueShape.optional(),
    githubApp: githubAppShape.optional(),
    sshKey: path.optional(),
    knownHosts: path.optional(),
    authority: path.optional(),
    certificate: path.optional(),
    key: path.optional(),
  })
  .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
    message: 'a certificate and its key belong together',
  })
  .refine(({ username, token }) => username === undefined || token !== undefined, {
    message: 'a username needs a token',
  })
  .refine(({ githubApp, token }) => githubApp === undefined || token === undefined, {
    message: 'write a token or a githubApp, one of them',
  })
  .refine(({ sshKey, knownHosts }) => sshKey === undefined || knownHosts !== undefined, {
    message: 'an sshKey needs knownHosts: who may be the server is pinned',
  });

const verifyShape = z
  .strictObject({
    mode: z.enum(['head', 'tag', 'tag-and-head']).default('head'),
    sshSigners: z.array(path).default([]),
    gpgKeys: z.array(path).default([]),
  })
  .refine(({ sshSigners, gpgKeys }) => sshSigners.length + gpgKeys.length > 0, {
    message: 'write who may sign: sshSigners, gpgKeys or both',
  });

export const repositoryShape = z.strictObject({
  url: word,
  ref: z
    .union([
      word,
      z
        .strictObject({
          branch: word.optional(),
          tag: word.optional(),
          semver: word.optional(),
          name: word.optional(),
          commit: word.optional(),
        })
        .refine((choice) => Object.keys(choice).length > 0, { message: 'write branch, tag, semver, name or commit' }),
    ])
    .default('refs/heads/main'),
  path: z.string().default(''),
  poll: z
    .string()
    .regex(new RegExp(DURATION_PATTERN), 'write a number and a unit, such as 5s')
    .refine(isPollInterval, 'write 100ms at least and 24h at the most')
    .default('5s'),
  allowLocal: z.boolean().default(false),
  forcePush: z.enum(['allow', 'refuse']).default('allow'),
  revertBranches: z.enum(['push', 'keep']).default('push'),
  credentials: credentialsShape.default({}),
  proxy: z
    .string()
    .regex(/^(https?|socks5h?):\/\/[^@\s]+$/, 'write http://HOST:PORT, without a user')
    .optional(),
  verify: verifyShape.optional(),
});

/** @param folder of the settings file, to which paths are relative */
export function repositorySettings(shape: z.infer<typeof repositoryShape>, folder: string): RepositorySettings {
  const { url, ref, path: subpath, poll, allowLocal, forcePush, revertBranches, verify } = shape;
  return {
    url: url.startsWith('.') ? resolve(folder, url) : url,
    ref,
    path: subpath,
    pollMs: present(durationMs(poll), 'poll'),
    allowLocal,
    forcePush,
    revertBranches,
    access: repositoryAccess(shape, folder),
    ...(verify === undefined ? {} : { verify: verifySettings(verify, folder) }),
  };
}

/** What git needs, with the token read at each use. */
export function remoteAccess({ login, ...access }: RepositoryAccess): RemoteAccess {
  if (login === undefined) return access;
  if ('token' in login) return { ...access, login: { ...login, token: valueReader(login.token) } };
  const app = { ...login.githubApp, privateKey: valueReader(login.githubApp.privateKey) };
  return { ...access, login: { username: 'x-access-token', token: githubAppToken(app, Date.now) } };
}

function repositoryAccess(
  { url, credentials, proxy }: z.infer<typeof repositoryShape>,
  folder: string,
): RepositoryAccess {
  const { sshKey, knownHosts, authority, certificate, key } = credentials;
  const locate = (file: string) => resolve(folder, file);
  const login = loginOf(url, credentials, folder);
  return {
    ...(login === undefined ? {} : { login }),
    ...(authority === undefined ? {} : { authorityFile: locate(authority) }),
    ...(certificate === undefined || key === undefined
      ? {}
      : { clientCertificate: { certificateFile: locate(certificate), keyFile: locate(key) } }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(knownHosts === undefined
      ? {}
      : { ssh: { knownHostsFile: locate(knownHosts), ...(sshKey === undefined ? {} : { keyFile: locate(sshKey) }) } }),
  };
}

function loginOf(
  url: string,
  { username, token, githubApp }: z.infer<typeof credentialsShape>,
  folder: string,
): RepositoryAccess['login'] {
  if (githubApp !== undefined) {
    const { privateKey, api, ...ids } = githubApp;
    return {
      githubApp: { ...ids, api: api.replace(/\/+$/, ''), privateKey: valueSource(privateKey, folder) },
    };
  }
  if (token === undefined) return undefined;
  const userOfUrl = URL.canParse(url) ? decodeURIComponent(new URL(url).username) : '';
  // Most forges take any name beside a token.
  const user = username ?? (userOfUrl === '' ? 'git' : userOfUrl);
  return { username: user, token: valueSource(token, folder) };
}

function verifySettings({ mode, sshSigners, gpgKeys }: z.infer<typeof verifyShape>, folder: string): VerifySettings {
  const locate = (file: string) => resolve(folder, file);
  return { mode, keys: { sshSignersFiles: sshSigners.map(locate), gpgKeysFiles: gpgKeys.map(locate) } };
}
