import { lstat, unlink } from 'node:fs/promises';
import { BlockList, connect, isIP } from 'node:net';

/** A TCP address, port 0 for any free one, or the path of a Unix socket. */
export type XdsListenAddress = { readonly host: string; readonly port: number } | { readonly path: string };

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** True when only this machine can connect, so that secrets may go in plaintext. A name is never trusted to be local. */
export function isLocal(address: XdsListenAddress): boolean {
  if ('path' in address) return true;
  const family = isIP(address.host);
  return family !== 0 && LOOPBACK.check(address.host, family === 6 ? 'ipv6' : 'ipv4');
}

/** The address in the form that gRPC binds and dials. */
export function grpcTarget(address: XdsListenAddress): string {
  if ('path' in address) return `unix:${address.path}`;
  return isIP(address.host) === 6 ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
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
