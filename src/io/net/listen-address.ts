import { chmod, lstat, unlink } from 'node:fs/promises';
import { BlockList, connect, isIP, type Server } from 'node:net';

/** Where a server of ours listens: a TCP address, port 0 for any free one, or the path of a Unix socket. */
export type ListenAddress = { readonly host: string; readonly port: number } | { readonly path: string };

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** True when only this machine can connect, so that plaintext is allowed. A name is never trusted to be local. */
export function isLocal(address: ListenAddress): boolean {
  if ('path' in address) return true;
  const family = isIP(address.host);
  return family !== 0 && LOOPBACK.check(address.host, family === 6 ? 'ipv6' : 'ipv4');
}

/** `HOST:PORT`, with an IPv6 host in brackets, or `unix:PATH`: as boot settings write it and gRPC dials it. */
export function formatListenAddress(address: ListenAddress): string {
  if ('path' in address) return `unix:${address.path}`;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** Owner and group: who connects, such as Envoy, often runs as another user of the same group. */
export const SOCKET_MODE = 0o660;

/** Connections that wait to be accepted: a fleet that lost its server comes back at once. The system may allow less. */
const BACKLOG = 4_096;

/**
 * Listens, and resolves with the address in use. A socket file that a dead process left is replaced. Rejects with what
 * the system says.
 *
 * @param onFailure hears of connections that the system could not give, as where files ran out: the server listens on
 */
export async function listenOn(
  server: Server,
  address: ListenAddress,
  onFailure: (cause: Error) => void = () => undefined,
): Promise<ListenAddress> {
  if ('path' in address) await removeStaleSocket(address.path);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    const where = 'path' in address ? { path: address.path } : address;
    server.listen({ ...where, backlog: BACKLOG }, () => {
      server.off('error', reject);
      server.on('error', onFailure);
      resolve();
    });
  });
  if ('path' in address) await chmod(address.path, SOCKET_MODE);
  const bound = server.address();
  return bound === null || typeof bound === 'string' ? address : { host: bound.address, port: bound.port };
}

/** Removes the socket file that a dead process left; leaves one that is served. */
export async function removeStaleSocket(path: string): Promise<void> {
  const stat = await lstat(path).catch(() => undefined);
  if (!stat?.isSocket()) return;
  const isServed = await new Promise<boolean>((resolve) => {
    const probe = connect({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (!isServed) await unlink(path);
}
