import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { SourceControl, SourceControlState } from '../source/source-control.ts';
import { readRequest } from './admin-error.ts';

const suspendShape = z.strictObject({ reason: z.string() });
const pinShape = z.strictObject({ commit: z.string() });
const overrideShape = z.strictObject({
  from: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('commit'), commit: z.string() }),
    z.strictObject({ kind: z.literal('directory'), directory: z.string() }),
  ]),
  untilMs: z.number(),
  reason: z.string(),
});

/** What an operator may order of the source. Each answers with what stands then; the source checks what the order says. */
export function addSourceRoutes(server: FastifyInstance, source: SourceControl): void {
  const order = (path: string, give: (body: unknown) => Promise<void>) =>
    server.post(path, async ({ body }): Promise<SourceControlState> => {
      await give(body ?? {});
      return source.state();
    });
  server.get('/source', () => source.state());
  order('/source/suspend', (body) => source.suspend(readRequest(suspendShape, body).reason));
  order('/source/resume', () => source.resume());
  order('/source/pin', (body) => source.pin(readRequest(pinShape, body).commit));
  order('/source/unpin', () => source.unpin());
  order('/source/override', (body) => source.override(readRequest(overrideShape, body)));
  order('/source/end-override', () => source.endOverride());
}
