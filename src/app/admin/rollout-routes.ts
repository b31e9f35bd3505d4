import type { FastifyInstance } from 'fastify';
import type { RolloutStatus } from '../control/rollout-view.ts';
import type { ReconcileAnswer } from '../control/server-status.ts';

/** What an operator may do to a rollout. */
export interface RolloutControl {
  readonly status: () => RolloutStatus;
  /** No wave follows another. */
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
  /** Tries the newest commit once more, which was stopped. */
  readonly release: () => Promise<ReconcileAnswer>;
}

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
  server.post('/rollout/release', () => rollout.release());
}
