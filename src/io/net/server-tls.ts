import type { SecureContextOptions, TlsOptions } from 'node:tls';

/** PEM texts. Clients must show a certificate of `clientAuthority`. */
export interface ServerTls {
  readonly certificate: string;
  readonly key: string;
  readonly clientAuthority: string;
}

/** A client that says nothing holds a connection no longer. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Mutual TLS as every server of ours asks for it. */
export function tlsOptions(tls: ServerTls): TlsOptions {
  return {
    ...secureContext(tls),
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  };
}

/** What new connections use after a certificate was replaced. */
export function secureContext(tls: ServerTls): SecureContextOptions {
  return { cert: tls.certificate, key: tls.key, ca: tls.clientAuthority, minVersion: 'TLSv1.2' };
}
