import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

const HASH_CHARACTERS = 22;

/** Whoever asks for a page again and again gets it only when it changed (`If-None-Match`, RFC 9110 13.1.2). */
export function answerUnchanged(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    if (request.method !== 'GET' || reply.statusCode !== 200 || typeof payload !== 'string') return done(null, payload);
    const tag = `"${createHash('sha256').update(payload).digest('base64url').slice(0, HASH_CHARACTERS)}"`;
    reply.header('etag', tag);
    if (request.headers['if-none-match'] !== tag) return done(null, payload);
    reply.code(304);
    done(null, '');
  });
}
