import { chmod } from 'node:fs/promises';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import {
  formatListenAddress,
  isLocal,
  type ListenAddress,
  removeStaleSocket,
  SOCKET_MODE,
} from '../net/listen-address.ts';
import { XdsServerError } from './xds-server-error.ts';

/** PEM texts. Proxies must show a certificate of `clientAuthority`. */
export interface XdsTls {
  readonly certificate: string;
  readonly key: string;
  readonly clientAuthority: string;
}

/**
 * Binds every address, and gives them back with the ports in use. Unix sockets are always plaintext; TCP uses TLS where
 * it is set, and without it only loopback is allowed.
 */
export async function bindAll(
  server: Server,
  listen: readonly ListenAddress[],
  tls: XdsTls | undefined,
): Promise<ListenAddress[]> {
  for (const address of listen) {
    if (tls !== undefined || isLocal(address)) continue;
    throw new XdsServerError(
      `xDS carries secrets: without mutual TLS it is served on loopback or a Unix socket only, not on ${formatListenAddress(address)}`,
      { code: 'xds-insecure-listener' },
    );
  }
  const bound: ListenAddress[] = [];
  for (const address of listen) bound.push(await bind(server, address, tls));
  return bound;
}

async function bind(server: Server, address: ListenAddress, tls: XdsTls | undefined): Promise<ListenAddress> {
  const target = formatListenAddress(address);
  try {
    if ('path' in address) await removeStaleSocket(address.path);
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(target, credentials(address, tls), (error, boundPort) =>
        error === null ? resolve(boundPort) : reject(error),
      );
    });
    if (!('path' in address)) return { host: address.host, port };
    await chmod(address.path, SOCKET_MODE);
    return address;
  } catch (cause) {
    throw new XdsServerError(`cannot listen for xDS on ${target}`, { code: 'xds-listen-failed', cause });
  }
}

function credentials(address: ListenAddress, tls: XdsTls | undefined): ServerCredentials {
  if (tls === undefined || 'path' in address) return ServerCredentials.createInsecure();
  const pair = { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.certificate) };
  return ServerCredentials.createSsl(Buffer.from(tls.clientAuthority), [pair], true);
}
