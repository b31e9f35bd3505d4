import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { ListenAddress } from '../../io/net/listen-address.ts';
import { parseListenAddress } from './listen-address.ts';
import type { TlsFiles } from './tls-settings.ts';

/** What a decider of its own is started with: the options of `headgate decide`, read. */
export interface DecideSettings {
  readonly controlPlane: ListenAddress;
  /** Absolute path of the folder for bundles and records. */
  readonly stateDirectory: string;
  readonly listen: { readonly extProc: ListenAddress; readonly admin: ListenAddress };
  /** Where proxies reach it; `none` where none shall be told of it, undefined for where it listens. */
  readonly advertise: ListenAddress | 'none' | undefined;
  /** Its name among the deciders; undefined for one that the state folder keeps. */
  readonly name: string | undefined;
  /** Mutual TLS, to the control plane and for the proxies: needed where another machine can connect. */
  readonly tls: DeciderTls | undefined;
  /** How long open exchanges may go on when the process ends. */
  readonly drainMs: number;
}

export interface DeciderTls {
  /** The authority signs the certificates of the control plane and of the proxies. */
  readonly files: TlsFiles;
  /** The name that the control plane's certificate must carry. */
  readonly serverName: string;
}

/** The options as the command line gives them. */
export interface DecideOptions {
  readonly controlPlane: string;
  readonly state: string;
  readonly extProc: string;
  readonly admin: string;
  readonly advertise?: string;
  readonly name?: string;
  readonly tlsAuthority?: string;
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
  readonly tlsServerName?: string;
  readonly drain: number;
}

class DecideSettingsError extends Error {
  override readonly name = 'DecideSettingsError';
  readonly code = 'decide-settings';
}

/** Reads the options. Throws DecideSettingsError, which says what to mend. */
export function decideSettings(options: DecideOptions): DecideSettings {
  const controlPlane = parseListenAddress(options.controlPlane);
  return {
    controlPlane,
    stateDirectory: resolve(options.state),
    listen: { extProc: parseListenAddress(options.extProc), admin: parseListenAddress(options.admin) },
    advertise: advertised(options.advertise),
    name: options.name,
    tls: tlsOf(options, controlPlane),
    drainMs: options.drain,
  };
}

/** Endpoints come to proxies as addresses: they look up no name. */
function advertised(text: string | undefined): DecideSettings['advertise'] {
  if (text === undefined || text === 'none') return text;
  const address = parseListenAddress(text);
  if ('path' in address || (isIP(address.host) !== 0 && address.port !== 0)) return address;
  throw new DecideSettingsError(`--advertise ${text}: write IP:PORT, unix:PATH or none`);
}

function tlsOf(options: DecideOptions, controlPlane: ListenAddress): DeciderTls | undefined {
  const { tlsAuthority, tlsCertificate, tlsKey } = options;
  if (tlsAuthority === undefined && tlsCertificate === undefined && tlsKey === undefined) return undefined;
  if (tlsAuthority === undefined || tlsCertificate === undefined || tlsKey === undefined) {
    throw new DecideSettingsError('TLS needs --tls-authority, --tls-certificate and --tls-key');
  }
  const host = 'path' in controlPlane || isIP(controlPlane.host) !== 0 ? undefined : controlPlane.host;
  const serverName = options.tlsServerName ?? host;
  if (serverName === undefined) {
    throw new DecideSettingsError('TLS to a control plane without a name needs --tls-server-name');
  }
  const files = {
    certificate: resolve(tlsCertificate),
    key: resolve(tlsKey),
    clientAuthority: resolve(tlsAuthority),
  };
  return { files, serverName };
}

/** Where proxies reach a decider that listens at `bound`; empty where none shall be told. */
export function advertisedAddress(
  advertise: DecideSettings['advertise'],
  bound: ListenAddress,
): ListenAddress | 'none' {
  if (advertise !== undefined) return advertise;
  const isEverywhere = !('path' in bound) && (bound.host === '0.0.0.0' || bound.host === '::');
  if (!isEverywhere) return bound;
  throw new DecideSettingsError('a decider that listens on all addresses needs --advertise IP:PORT');
}
