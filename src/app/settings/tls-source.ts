import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { ServerTls } from '../../io/net/server-tls.ts';
import type { Log } from '../log.ts';
import type { TlsFiles } from './tls-settings.ts';

/** The certificate of headgate as it stands in the files: read again when they change. */
export interface TlsSource {
  readonly current: () => ServerTls;
  readonly status: () => TlsStatus;
  /** Tells a server of each later change, and not of what stands already. */
  readonly follow: (replace: (tls: ServerTls) => void) => void;
  /** Looks at the files now, as it does by itself every second. */
  readonly look: () => void;
  readonly close: () => void;
}

export interface TlsStatus {
  /** Ours first, then those of who signs the proxies', as the file has them. */
  readonly certificates: readonly CertificateStatus[];
  /** Why the files as they are now are not taken; what was before serves on. Absent when they are. */
  readonly failure?: string;
}

export interface CertificateStatus {
  readonly use: 'server' | 'client-authority';
  /** The subject, on one line. */
  readonly subject: string;
  readonly expiresAtMs: number;
}

class TlsFilesError extends Error {
  override readonly name = 'TlsFilesError';
  readonly code = 'tls-files';
}

/** Three small files; whoever renews a certificate waits for it. */
const LOOK_INTERVAL_MS = 1_000;
/** A bundle of all public authorities is a quarter of it. */
const PEM_BYTES_MAX = 1024 * 1024;
const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
const PEM_BEGIN = /-----BEGIN CERTIFICATE-----/g;

/**
 * Reads the files, and goes on looking at them. What changed is taken when it was found alike twice in a row and the key
 * fits the certificate: so neither a file that is being written nor one of a pair is ever served. Throws TlsFilesError
 * where they do not fit at the start.
 */
export function openTls(files: TlsFiles, log: Pick<Log, 'info' | 'warn'>): TlsSource {
  const followers: ((tls: ServerTls) => void)[] = [];
  let current = readAll(files);
  const fault = faultOf(current);
  if (fault !== undefined) throw new TlsFilesError(`tls: ${fault}`);
  let seen = current;
  let failure: string | undefined;
  const keepOut = (reason: string) => {
    if (reason !== failure) log.warn({ reason }, 'certificate kept out, the one before serves on');
    failure = reason;
  };
  const look = () => {
    let found: ServerTls;
    try {
      found = readAll(files);
    } catch (cause) {
      return keepOut(cause instanceof Error ? cause.message : String(cause));
    }
    const isSettled = isSame(found, seen);
    seen = found;
    if (!isSettled) return;
    if (isSame(found, current)) {
      failure = undefined;
      return;
    }
    const reason = faultOf(found);
    if (reason !== undefined) return keepOut(reason);
    failure = undefined;
    current = found;
    log.info({ certificates: certificatesOf(current) }, 'certificate replaced');
    for (const replace of followers) replace(current);
  };
  const timer = setInterval(look, LOOK_INTERVAL_MS);
  timer.unref();
  return {
    current: () => current,
    status: () => ({ certificates: certificatesOf(current), ...(failure === undefined ? {} : { failure }) }),
    follow: (replace) => void followers.push(replace),
    look,
    close: () => clearInterval(timer),
  };
}

function readAll({ certificate, key, clientAuthority }: TlsFiles): ServerTls {
  return { certificate: readPem(certificate), key: readPem(key), clientAuthority: readPem(clientAuthority) };
}

function readPem(path: string): string {
  try {
    if (statSync(path).size <= PEM_BYTES_MAX) return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TlsFilesError(`cannot read ${path}`, { cause });
  }
  throw new TlsFilesError(`${path} is larger than ${PEM_BYTES_MAX} bytes`);
}

function isSame(one: ServerTls, other: ServerTls): boolean {
  const isEqual = (field: keyof ServerTls) => one[field] === other[field];
  return isEqual('certificate') && isEqual('key') && isEqual('clientAuthority');
}

/** What keeps these from being served, undefined where nothing does. Never tells of the key's text. */
function faultOf({ certificate, key, clientAuthority }: ServerTls): string | undefined {
  const wholes: readonly [keyof ServerTls, string][] = [
    ['certificate', certificate],
    ['clientAuthority', clientAuthority],
  ];
  for (const [field, pem] of wholes) if (!isWhole(pem)) return `${field} is not a PEM file of certificates`;
  try {
    if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) return 'key does not fit certificate';
    createSecureContext({ cert: certificate, key, ca: clientAuthority });
    return undefined;
  } catch {
    return 'key is not a PEM file of a private key, or certificate cannot be used';
  }
}

/** Whether a text is one readable certificate at least, and nothing of one. */
function isWhole(pem: string): boolean {
  const blocks = pem.match(PEM_BLOCK) ?? [];
  try {
    const read = blocks.map((block) => new X509Certificate(block));
    return read.length > 0 && read.length === pem.match(PEM_BEGIN)?.length;
  } catch {
    return false;
  }
}

function certificatesOf({ certificate, clientAuthority }: ServerTls): CertificateStatus[] {
  const [own] = certificate.match(PEM_BLOCK) ?? [];
  const authorities = clientAuthority.match(PEM_BLOCK) ?? [];
  return [
    ...(own === undefined ? [] : [certificateStatus('server', own)]),
    ...authorities.map((block) => certificateStatus('client-authority', block)),
  ];
}

function certificateStatus(use: CertificateStatus['use'], pem: string): CertificateStatus {
  const { subject, validToDate } = new X509Certificate(pem);
  return { use, subject: (subject ?? '').split('\n').join(', '), expiresAtMs: validToDate.getTime() };
}
