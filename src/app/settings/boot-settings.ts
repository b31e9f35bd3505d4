import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ListenAddress } from '../../io/net/listen-address.ts';
import { type DecidersSettings, decidersSettings, decidersShape } from './deciders-settings.ts';
import { parseListenAddress } from './listen-address.ts';
import { loadReportShape } from './load-report-settings.ts';
import { type ReportingSettings, reportingSettings, reportingShape } from './reporting-settings.ts';
import { type RepositorySettings, repositorySettings, repositoryShape } from './repository-settings.ts';
import { type TlsSettings, tlsSettings, tlsShape } from './tls-settings.ts';
import { type WebhookSettings, webhookSettings, webhookShape } from './webhook-settings.ts';

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
  /** How often proxies report how their upstreams fare; absent where they shall not. */
  readonly loadReportMs?: number;
  /** Mutual TLS for xDS and ext_proc: needed where another machine can connect. */
  readonly tls?: TlsSettings;
  /** Where deciders of their own get revisions; absent where there are none. */
  readonly deciders?: DecidersSettings;
  readonly reporting: ReportingSettings;
  /** Absent: nobody is listened to, and the repository is polled. */
  readonly webhooks?: WebhookSettings;
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
  repository: repositoryShape,
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
  loadReports: loadReportShape,
  deciders: decidersShape,
  reporting: reportingShape,
  webhooks: webhookShape,
});

/** Reads the settings file. Paths in it are relative to its folder. Throws BootSettingsError, which says what to mend. */
export function readBootSettings(file: string): BootSettings {
  const folder = dirname(resolve(file));
  const parsed = settingsSchema.safeParse(parseFile(file));
  if (!parsed.success) throw new BootSettingsError(`${file}: ${z.prettifyError(parsed.error)}`);
  const {
    repository,
    state,
    secrets,
    authorities,
    trustedAuthoritiesFile,
    listen,
    tls,
    deciders,
    reporting,
    loadReports,
    webhooks,
  } = parsed.data;
  return {
    repository: repositorySettings(repository, folder),
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
    ...(loadReports === undefined ? {} : { loadReportMs: loadReports }),
    ...(deciders === undefined ? {} : { deciders: readDeciders(file, deciders, tls !== undefined) }),
    reporting: reportingSettings(reporting, folder, readText),
    ...(webhooks === undefined ? {} : { webhooks: webhookSettings(webhooks, folder) }),
  };
}

function readDeciders(file: string, ...section: Parameters<typeof decidersSettings>): DecidersSettings {
  try {
    return decidersSettings(...section);
  } catch (cause) {
    throw new BootSettingsError(`${file}: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
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
