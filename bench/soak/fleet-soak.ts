import { seededRng } from '../../src/core/base/rng.ts';
import { residentMebibytes } from '../support/processor-time.ts';
import { LONG_MODEL } from './changing-tree.ts';
import { COMMIT_DISTURBANCES } from './commit-disturbances.ts';
import { chooseDisturbance } from './disturbance.ts';
import { PROCESS_DISTURBANCES } from './process-disturbances.ts';
import { startSoakLab } from './soak-lab.ts';
import { startSteadyTraffic, type TrafficReport } from './steady-traffic.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly proxies: number;
  readonly requestsPerSecond: number;
  /** Long streams that are open at every moment. */
  readonly streams: number;
  /** Which disturbances come, and in what order. */
  readonly seed: number;
}

export interface SoakReport extends TrafficReport {
  /** How often each disturbance came. */
  readonly disturbances: Readonly<Record<string, number>>;
  /** From the disturbance to a fleet that is at rest again. */
  readonly slowestMs: number;
  readonly controlPlaneMebibytes: { readonly first: number; readonly last: number };
}

const DISTURBANCES = [...COMMIT_DISTURBANCES, ...PROCESS_DISTURBANCES];

/** Runs a fleet under traffic and disturbs it until the time is over. Throws when headgate does not do what it must. */
export async function soakFleet(options: SoakOptions, say: (line: string) => void): Promise<SoakReport> {
  await using owned = new AsyncDisposableStack();
  say(`starting headgate and ${options.proxies} Envoys; seed ${options.seed}`);
  const lab = await startSoakLab(owned, options.proxies);
  const first = residentMebibytes(lab.controlPlanePid());
  const models = ['chat-small', 'chat-next', 'gpt-4o-mini'];
  const messages = [{ role: 'user', content: 'Say in few words how a gateway routes.' }];
  const traffic = startSteadyTraffic({
    urls: lab.proxies.map(({ url }) => url),
    key: lab.key,
    perSecond: options.requestsPerSecond,
    streams: options.streams,
    makeBody: (index) => ({ model: models[index % models.length], messages, stream: index % 4 === 0 }),
    longBody: { model: LONG_MODEL, messages, stream: true },
    onFailure: (failure) => say(`FAILED ${failure}`),
  });
  const rng = seededRng(options.seed);
  const counts: Record<string, number> = {};
  const startedMs = performance.now();
  let slowestMs = 0;
  while (performance.now() - startedMs < options.minutes * 60_000) {
    const disturbance = chooseDisturbance(DISTURBANCES, rng);
    if (disturbance === undefined) continue;
    const beganMs = performance.now();
    await disturbance.run(lab, rng);
    const tookMs = performance.now() - beganMs;
    say(`${Math.round((beganMs - startedMs) / 1_000)} s: ${disturbance.name}: ${Math.round(tookMs)} ms`);
    slowestMs = Math.max(slowestMs, tookMs);
    counts[disturbance.name] = (counts[disturbance.name] ?? 0) + 1;
  }
  const report = await traffic.stop();
  const last = residentMebibytes(lab.controlPlanePid());
  return { ...report, disturbances: counts, slowestMs, controlPlaneMebibytes: { first, last } };
}
