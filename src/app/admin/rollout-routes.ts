import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { RolloutStatus } from '../control/rollout-view.ts';
import type { ReleaseAnswer } from '../control/server-status.ts';
import { readRequest } from './admin-error.ts';

/** What an operator may do to a rollout. */
export interface RolloutControl {
  readonly status: () => RolloutStatus;
  /** No wave follows another. */
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
  /** Lets what this commit brought, or the newest, be tried again although it was stopped. */
  readonly release: (commit: string | undefined) => Promise<ReleaseAnswer>;
}

const releaseShape = z.strictObject({
  commit: z
    .string()
    .regex(/^[0-9a-f]{4,40}$/, 'the first digits of a commit, four at least')
    .optional(),
});

export function addRolloutRoutes(server: FastifyInstance, rollout: RolloutControl): void {
  server.get('/rollout', () => rollout.status());
  server.post('/rollout/pause', async () => {
    await rollout.pause();
    return rollout.status();
  });
  server.post('/rollout/resume', async () => {
    await rollout.resume();
    return rollout.status();
  });
  server.post('/rollout/release', ({ query }) => rollout.release(readRequest(releaseShape, query).commit));
}
