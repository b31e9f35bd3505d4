import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** Ends a connection as a crash would: a TCP reset, or inside TLS an end without its closing alert. */
export function breakConnection(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
