import { Transform } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** What bodies may take of the memory at one time, whoever sends them. */
const BODIES_BYTES_MAX = 64 * 1024 * 1024;

/** A body for which there is no room: it came while others took it all. */
class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
  readonly code = 'webhook-too-many';
  readonly statusCode = 429;
}

/** Counts the bytes of bodies that came and are not done with: what somebody says will come takes no room. */
export function limitBodies(app: FastifyInstance): void {
  let bodiesBytes = 0;
  app.addHook('preParsing', (_request, reply, payload, done) => {
    let ownBytes = 0;
    reply.raw.once('close', () => {
      bodiesBytes -= ownBytes;
    });
    const counted = new Transform({
      transform(piece: Buffer, _encoding, passOn) {
        ownBytes += piece.length;
        bodiesBytes += piece.length;
        if (bodiesBytes > BODIES_BYTES_MAX) passOn(new NoRoomError('too many bodies at one time'));
        else passOn(null, piece);
      },
    });
    payload.on('error', (cause) => counted.destroy(cause));
    done(null, payload.pipe(counted));
  });
}
