import { chmod } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import {
  formatListenAddress,
  isLocal,
  type ListenAddress,
  removeStaleSocket,
  SOCKET_MODE,
} from '../../io/net/listen-address.ts';

class AdminListenError extends Error {
  override readonly name = 'AdminListenError';
  readonly code: 'admin-insecure-listener' | 'admin-listen-failed';

  constructor(message: string, options: { code: AdminListenError['code']; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = options.code;
  }
}

/** Listens, and gives the address in use. A socket file that a dead process left is replaced. Throws AdminListenError. */
export async function listenForAdmin(server: FastifyInstance, listen: ListenAddress): Promise<ListenAddress> {
  const where = formatListenAddress(listen);
  if (!isLocal(listen)) {
    const message = `the admin API knows no caller: it is served on loopback or a Unix socket only, not on ${where}`;
    throw new AdminListenError(message, { code: 'admin-insecure-listener' });
  }
  try {
    if ('path' in listen) await removeStaleSocket(listen.path);
    await server.listen(listen);
    // A connection that the system could not give, as where files ran out: whoever asked tries again.
    server.server.on('error', () => undefined);
    if ('path' in listen) await chmod(listen.path, SOCKET_MODE);
  } catch (cause) {
    throw new AdminListenError(`cannot listen for the admin API on ${where}`, { code: 'admin-listen-failed', cause });
  }
  const bound = server.server.address();
  return bound === null || typeof bound === 'string' ? listen : { host: bound.address, port: bound.port };
}
