import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type FleetQuery, type FleetView, PROXY_STATES } from '../control/fleet-view.ts';
import { readRequest } from './admin-error.ts';

/** As many proxies as a person reads; who wants all of a large fleet says so. */
const LIMIT = 200;
const LIMIT_MAX = 20_000;
/** Longer than any name that the control plane takes. */
const NAME_CHARACTERS_MAX = 1_000;

const name = z.string().min(1).max(NAME_CHARACTERS_MAX).optional();
const queryShape = z.strictObject({
  fleet: name,
  node: name,
  state: z.enum(PROXY_STATES).optional(),
  limit: z.coerce.number().int().min(0).max(LIMIT_MAX).default(LIMIT),
});

export function addFleetRoutes(server: FastifyInstance, fleet: (query: FleetQuery) => FleetView): void {
  server.get('/fleet', ({ query }) => {
    const { limit, ...asked } = readRequest(queryShape, query);
    return fleet({ ...withoutUndefined(asked), limit });
  });
}

function withoutUndefined(asked: Omit<z.output<typeof queryShape>, 'limit'>): Omit<FleetQuery, 'limit'> {
  const { fleet, node, state } = asked;
  return {
    ...(fleet === undefined ? {} : { fleet }),
    ...(node === undefined ? {} : { node }),
    ...(state === undefined ? {} : { state }),
  };
}
