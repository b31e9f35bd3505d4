import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { present } from '../../core/base/assert.ts';
import { DURATION_PATTERN, durationMs } from '../../core/base/duration.ts';
import type { ListenAddress } from '../../io/net/listen-address.ts';
import { parseListenAddress } from './listen-address.ts';
import { type TlsSettings, tlsSettings, tlsShape } from './tls-settings.ts';

/**
 * What the process is started with and never reads from the watched tree: which repository, which secrets and where they
 * may go. A commit cannot change it, so a bad commit cannot lock us out and no document can send a key elsewhere.
 */
export interface BootSettings {
  readonly repository: RepositorySettings;
  /** Absolute path of the folder for the mirror, bundles and records. */
  readonly stateDirectory: string;
  readonly secrets: ReadonlyMap<string, SecretSource>;
  /** Certificate authorities that providers may name, as PEM text. */
  readonly authorities: ReadonlyMap<string, string>;
  /** The file, on the proxies, of the authorities that sign all other providers. */
  readonly trustedAuthoritiesFile: string;
  readonly listen: { readonly xds: ListenAddress; readonly extProc: ListenAddress; readonly admin: ListenAddress };
  /** Mutual TLS for xDS and ext_proc: needed where another machine can connect. */
  readonly tls?: TlsSettings;
}

export interface RepositorySettings {
  readonly url: string;
  readonly ref: string;
  /** The folder of the tree that is ours, empty for all of it. */
  readonly path: string;
  readonly pollMs: number;
  /** Whether the URL may be a folder of this machine. */
  readonly allowLocal: boolean;
}

export interface SecretSource {
  readonly from: { readonly kind: 'env'; readonly name: string } | { readonly kind: 'file'; readonly path: string };
  /** The hosts (`host` or `host:port`) to which the value may be sent. */
  readonly hosts: readonly string[];
}

class BootSettingsError extends Error {
  override readonly name = 'BootSettingsError';
  readonly code = 'boot-settings';
}

/** More often than this is no poll, and timers take no more than 24 days. */
const POLL_MS_MIN = 100;
const POLL_MS_MAX = 86_400_000;

function isPollInterval(text: string): boolean {
  const pollMs = durationMs(text);
  return pollMs === undefined || (pollMs >= POLL_MS_MIN && pollMs <= POLL_MS_MAX);
}

const secretSchema = z.strictObject({
  env: z.string().min(1).optional().meta({ description: 'The environment variable that holds the value.' }),
  file: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'The file that holds the value, below the settings file or absolute.' }),
  hosts: z.array(z.string().min(1)).min(1).meta({ description: 'Where the value may be sent: host or host:port.' }),
});

const settingsSchema = z.strictObject({
  repository: z.strictObject({
    url: z.string().min(1),
    ref: z.string().min(1).default('refs/heads/main'),
    path: z.string().default(''),
    poll: z
      .string()
      .regex(new RegExp(DURATION_PATTERN), 'write a number and a unit, such as 5s')
      .refine(isPollInterval, 'write 100ms at least and 24h at the most')
      .default('5s'),
    allowLocal: z.boolean().default(false),
  }),
  state: z.string().min(1).default('state'),
  secrets: z.record(z.string(), secretSchema).default({}),
  authorities: z.record(z.string(), z.strictObject({ file: z.string().min(1) })).default({}),
  trustedAuthoritiesFile: z.string().min(1).default('/etc/ssl/certs/ca-certificates.crt'),
  listen: z
    .strictObject({
      xds: z.string().default('127.0.0.1:18000'),
      extProc: z.string().default('127.0.0.1:18001'),
      admin: z.string().default('127.0.0.1:18002'),
    })
    .prefault({}),
  tls: tlsShape,
});

/** Reads the settings file. Paths in it are relative to its folder. Throws BootSettingsError, which says what to mend. */
export function readBootSettings(file: string): BootSettings {
  const folder = dirname(resolve(file));
  const parsed = settingsSchema.safeParse(parseFile(file));
  if (!parsed.success) throw new BootSettingsError(`${file}: ${z.prettifyError(parsed.error)}`);
  const { repository, state, secrets, authorities, trustedAuthoritiesFile, listen, tls } = parsed.data;
  return {
    repository: {
      ...repository,
      url: locate(repository.url, folder),
      pollMs: present(durationMs(repository.poll), 'poll'),
    },
    stateDirectory: resolve(folder, state),
    secrets: new Map(Object.entries(secrets).map(([name, source]) => [name, secretSource(file, name, source, folder)])),
    authorities: new Map(
      Object.entries(authorities).map(([name, authority]) => [name, readText(resolve(folder, authority.file))]),
    ),
    trustedAuthoritiesFile,
    listen: {
      xds: listenAddress(file, listen.xds),
      extProc: listenAddress(file, listen.extProc),
      admin: listenAddress(file, listen.admin),
    },
    ...(tls === undefined ? {} : { tls: tlsSettings(tls, folder) }),
  };
}

function listenAddress(file: string, text: string): ListenAddress {
  try {
    return parseListenAddress(text);
  } catch (cause) {
    throw new BootSettingsError(`${file}: listen: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
}

function parseFile(file: string): unknown {
  try {
    return parse(readText(file));
  } catch (cause) {
    throw new BootSettingsError(`${file}: ${cause instanceof Error ? cause.message : 'not YAML'}`, { cause });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BootSettingsError(`cannot read ${path}`, { cause });
  }
}

/** A relative path of a repository is one beside the settings file. */
function locate(url: string, folder: string): string {
  return url.startsWith('.') ? resolve(folder, url) : url;
}

function secretSource(file: string, name: string, source: z.infer<typeof secretSchema>, folder: string): SecretSource {
  if ((source.env === undefined) === (source.file === undefined)) {
    throw new BootSettingsError(`${file}: secret "${name}" names either env or file, one of them`);
  }
  const from =
    source.env === undefined
      ? ({ kind: 'file', path: resolve(folder, source.file ?? '') } as const)
      : ({ kind: 'env', name: source.env } as const);
  return { from, hosts: source.hosts };
}
