import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RevisionTimings } from '../src/app/control/server-status.ts';
import { editDocuments } from '../src/app/demo/stack/edit-documents.ts';
import { readBootSettings } from '../src/app/settings/boot-settings.ts';
import { present } from '../src/core/base/assert.ts';
import type { Run } from './bench.ts';
import type { Figure } from './figure.ts';
import { type FleetLab, startFleetLab } from './support/fleet-lab.ts';
import { type GatewayLab, startGatewayLab } from './support/gateway-lab.ts';
import { percentile } from './support/percentile.ts';
import { peakResidentMebibytes, processorMilliseconds } from './support/processor-time.ts';

const PROXIES = 2;
const ROUTE_COMMITS = 20;
const REGO_COMMITS = 5;
const ROUTE_FILE = 'routes/chat.yaml';
const REGO_FILE = 'policies/guardrails/secrets/secrets.rego';
/** The large tree, and what plays its fleet. */
const FILES = 2_000;
const CLIENTS = 1_000;
const LARGE_COMMITS = 20;
const LARGE_FILE = 'routes/route-7.yaml';

/** One commit on its way: the parts as headgate tells them, and the whole as a user sees it. */
interface Way {
  readonly timings: RevisionTimings;
  /** From the move of the branch to the last proxy's acknowledgement. */
  readonly wholeMs: number;
}

/**
 * Commit -> last acknowledgement: on two real Envoys, and of one file of a large tree at a thousand proxies that are
 * played. headgate is asked to look at once, so no poll is in the figures.
 */
export const run: Run = async (say) => ({ figures: [...(await largeFleet(say)), ...(await twoEnvoys(say))] });

async function largeFleet(say: (line: string) => void): Promise<Figure[]> {
  await using owned = new AsyncDisposableStack();
  say(`starting headgate on ${FILES} files, and ${CLIENTS} clients`);
  const lab = await startFleetLab(owned, FILES, CLIENTS);
  const text = await lab.repository.read(LARGE_FILE);
  const changed = (round: number) => ({ [LARGE_FILE]: text.replace(/answer: \S+,/, `answer: ${120 + round}s,`) });
  // The first ones find code that was never run.
  for (let round = 1; round <= 5; round += 1) await commit(lab, changed(round));
  say(`${LARGE_COMMITS} commits of one file`);
  const pid = present(lab.headgate.process.pid, 'the process of headgate');
  const usedMs = processorMilliseconds(pid);
  const ways: Way[] = [];
  for (let round = 6; round <= LARGE_COMMITS + 5; round += 1) ways.push(await commit(lab, changed(round)));
  const commitMs = (processorMilliseconds(pid) - usedMs) / LARGE_COMMITS;
  const what = `1 of ${FILES} files, ${CLIENTS} clients`;
  return [
    ...figuresOf(what, ways, 300),
    { what: `${what}, processor time of headgate for a commit`, value: commitMs, unit: 'ms' },
    { what: `${what}, most memory of headgate`, value: peakResidentMebibytes(pid), unit: 'MiB' },
  ];
}

async function twoEnvoys(say: (line: string) => void): Promise<Figure[]> {
  await using owned = new AsyncDisposableStack();
  say(`starting headgate and ${PROXIES} Envoys`);
  const lab = await startGatewayLab(owned, { proxies: PROXIES });
  const route = await lab.repository.read(ROUTE_FILE);
  const rego = await lab.repository.read(REGO_FILE);
  say(`${ROUTE_COMMITS} commits that move a route's weight`);
  await commit(lab, { [ROUTE_FILE]: withWeight(route, ROUTE_COMMITS + 1) });
  const routes: Way[] = [];
  for (let weight = 1; weight <= ROUTE_COMMITS; weight += 1) {
    routes.push(await commit(lab, { [ROUTE_FILE]: withWeight(route, weight) }));
  }
  say(`${REGO_COMMITS} commits that change Rego`);
  const policies: Way[] = [];
  for (let round = 1; round <= REGO_COMMITS; round += 1) {
    policies.push(await commit(lab, { [REGO_FILE]: rego.replaceAll('holds a', `holds in round ${round} a`) }));
  }
  const memory = peakResidentMebibytes(present(lab.headgate.process.pid, 'the process of headgate'));
  return [
    ...figuresOf('route change', routes, 500),
    ...figuresOf('Rego change', policies),
    { what: 'poll interval by default, in none of these', value: await defaultPollMs(lab), unit: 'ms' },
    { what: 'headgate, most memory', value: memory, unit: 'MiB', goal: { below: 200 } },
  ];
}

/** How often headgate looks at the repository by itself where the boot settings do not say. */
async function defaultPollMs({ folder }: GatewayLab): Promise<number> {
  const file = join(folder, 'defaults.yaml');
  await writeFile(file, 'repository: { url: . }');
  return readBootSettings(file).repository.pollMs;
}

async function commit(lab: FleetLab, files: Readonly<Record<string, string>>): Promise<Way> {
  const { movedAtMs, id } = await lab.repository.commit('bench', files);
  const { state, timings, diagnostics } = await lab.admin.reconcile();
  const wholeMs = performance.now() - movedAtMs;
  if (state !== 'serving') throw new Error(`commit ${id} ended as ${state}:\n${diagnostics}`);
  return { timings, wholeMs };
}

/** The route with a split in place of its first tier. */
function withWeight(text: string, weight: number): string {
  return editDocuments(text, 'Route', (document) => {
    document.setIn(['spec', 'targets', 0], {
      split: [
        { model: 'chat-small', offers: ['own'], weight: 100 },
        { model: 'chat-next', offers: ['own'], weight },
      ],
    });
  });
}

function figuresOf(what: string, ways: readonly Way[], goalMs?: number): Figure[] {
  const figure = (part: string, share: number, of: (way: Way) => number, goal?: number): Figure => ({
    what: `${what}, ${part} p${share * 100}`,
    value: percentile(ways.map(of), share),
    unit: 'ms',
    ...(goal === undefined ? {} : { goal: { below: goal } }),
  });
  return [
    figure('ref update to last ACK', 0.5, (way) => way.wholeMs, goalMs),
    figure('ref update to last ACK', 0.99, (way) => way.wholeMs),
    figure('reconcile', 0.5, (way) => way.timings.totalMs, goalMs),
    figure('reconcile', 0.99, (way) => way.timings.totalMs),
    figure('fetch', 0.5, (way) => way.timings.fetchMs),
    figure('read', 0.5, (way) => way.timings.readMs),
    figure('compile', 0.5, (way) => way.timings.compileMs),
    figure('acknowledge', 0.5, (way) => way.timings.acknowledgeMs),
  ];
}
