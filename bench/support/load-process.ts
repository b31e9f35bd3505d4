import { type LoadJob, sendHttpLoad } from './http-load.ts';

/** Sends the loads that the parent asks for, one after the other, and tells how each went. */
process.on('message', async (job: LoadJob) => {
  process.send?.(await sendHttpLoad(job));
});
process.on('disconnect', () => process.exit());
