import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';

/** Whoever asked made a mistake; the message says which. */
class AdminRequestError extends Error {
  override readonly name = 'AdminRequestError';
  readonly code = 'admin-bad-request';
}

/** What is no failure of ours: an order that makes no sense, or that something stands against. Anything else is 500. */
const STATUSES: Readonly<Record<string, number>> = {
  'admin-bad-request': 400,
  'source-order': 400,
  'source-suspended': 409,
  'rollout-order': 409,
};

/** Every error is `{code, message}` with the status that tells whose it is. */
export function answerErrors(server: FastifyInstance): void {
  server.setErrorHandler((cause: Error & { code?: string; statusCode?: number }, _request, reply) => {
    const status = STATUSES[cause.code ?? ''] ?? (isOfCaller(cause.statusCode) ? cause.statusCode : 500);
    return reply.code(status).send({ code: cause.code ?? 'internal', message: cause.message });
  });
  server.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ code: 'admin-unknown-path', message: `no ${request.method} ${request.url.split('?')[0]}` }),
  );
}

function isOfCaller(status: number | undefined): status is number {
  return status !== undefined && status >= 400 && status < 500;
}

/** Reads a query or a body. Throws AdminRequestError, which names the field. */
export function readRequest<Shape extends z.ZodType>(shape: Shape, value: unknown): z.output<Shape> {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw new AdminRequestError(`${field === '' ? '' : `${field}: `}${issue?.message ?? 'cannot be read'}`);
}
