import { TYPE_URL } from '../src/core/xds/type-url.ts';
import type { Run } from './bench.ts';
import type { Figure } from './figure.ts';
import { median, percentile } from './support/percentile.ts';
import { type Cost, XdsLab } from './support/xds-lab.ts';
import { figure, measureSize, type SizeResult, type XdsSize } from './support/xds-size.ts';

const SMALL: XdsSize = { clients: 1_000, clusters: 100, changeMs: 45 };
const MANY_RESOURCES: XdsSize = { clients: 1_000, clusters: 2_000 };
const MANY_CLIENTS: XdsSize = { clients: 5_000, clusters: 100, changeMs: 300 };
const LARGE: XdsSize = {
  clients: 3_000,
  clusters: 2_000,
  changeMs: 200,
  memoryMebibytes: 600,
  coldConnectMs: 15_000,
};

/** Server and clients are two processes on a core each; clients are ours, and read of a response what they must. */
export const run: Run = async (say) => {
  const results: SizeResult[] = [];
  for (const size of [SMALL, MANY_RESOURCES, MANY_CLIENTS, LARGE]) {
    say(`${size.clients} clients x ${size.clusters} clusters`);
    results.push(await measureSize(size));
  }
  say('a route table of 100 KB to 5,000 clients');
  const routes = await routeTable();
  say('the state-of-the-world variant');
  const sotw = [...(await stateOfTheWorld(1_000, 100)), ...(await stateOfTheWorld(3_000, 2_000))];
  say('10,000 connections');
  const many = await manyConnections();
  say('memory of idle clients');
  const idle = [...(await idleClients(5_000, 0, 40)), ...(await idleClients(2_000, 2_000, 60))];
  say('clients that never read');
  const stalled = await clientsThatNeverRead();
  return {
    figures: [
      ...results.flatMap(({ figures }) => figures),
      ...growth(results),
      ...routes,
      ...sotw,
      ...many,
      ...idle,
      ...stalled,
    ],
  };
};

function growth(results: readonly SizeResult[]): Figure[] {
  const [small, resources, clients] = results;
  if (small === undefined || resources === undefined || clients === undefined) return [];
  return [
    figure('a cluster, CPU: 5 times the clients cost times', clients.cdsMs / small.cdsMs, ''),
    figure('a cluster, CPU: 20 times the resources cost times', resources.cdsMs / small.cdsMs, ''),
    figure('an assignment, CPU: 5 times the clients cost times', clients.edsMs / small.edsMs, ''),
    figure('an assignment, CPU: 20 times the resources cost times', resources.edsMs / small.edsMs, ''),
  ];
}

async function routeTable(): Promise<Figure[]> {
  await using lab = await XdsLab.start(100);
  await lab.connect({ count: 5_000, stalled: 0, clusters: 100, keeps: false, until: { resources: 202 } });
  await lab.quiet();
  const before = lab.residentMebibytes();
  const costs: Cost[] = [];
  let most = before;
  for (let round = 0; round < 5; round += 1) {
    costs.push(await lab.change('rds', TYPE_URL.route, 1));
    most = Math.max(most, lab.residentMebibytes());
  }
  const walls = costs.map((cost) => cost.wallMs);
  return [
    figure('100 KB route table to 5,000 clients, p50', percentile(walls, 0.5), 'ms', 1_200),
    figure('100 KB route table to 5,000 clients, slowest', percentile(walls, 1), 'ms', 1_200),
    figure('100 KB route table to 5,000 clients, memory above idle', most - before, 'MiB', 400),
  ];
}

/** A changed cluster is all clusters again: what it costs is their bytes. Its clients keep no versions. */
async function stateOfTheWorld(clients: number, clusters: number): Promise<Figure[]> {
  await using lab = await XdsLab.start(clusters);
  const until = { resources: 2 * clusters + 2 };
  await lab.connect({ count: clients, stalled: 0, clusters, keeps: false, variant: 'sotw', until });
  await lab.quiet();
  const costs = { cds: [] as Cost[], eds: [] as Cost[] };
  for (let round = 0; round < 4; round += 1) {
    costs.cds.push(await lab.change('cds', TYPE_URL.cluster, 1, clusters));
    costs.eds.push(await lab.change('eds', TYPE_URL.endpoints, 1));
  }
  const cpu = (all: readonly Cost[]) => median(all.slice(1).map((cost) => cost.processorMs));
  const what = `state of the world, ${clients} x ${clusters}`;
  return [
    figure(`${what}: server CPU of a cluster`, cpu(costs.cds), 'ms'),
    figure(`${what}: bytes of a cluster`, (costs.cds[0]?.bytes ?? 0) / 1e6, 'MB'),
    figure(`${what}: server CPU of an endpoint assignment`, cpu(costs.eds), 'ms'),
  ];
}

/** As many as one server takes, all at once. */
async function manyConnections(): Promise<Figure[]> {
  const count = 10_000;
  await using lab = await XdsLab.start(100);
  const before = lab.residentMebibytes();
  const until = { resources: 202 };
  const { processorMs, wallMs } = await lab.connect({ count, stalled: 0, clusters: 100, keeps: false, until });
  await lab.quiet();
  const memory = lab.residentMebibytes() - before;
  const costs: Cost[] = [];
  for (let round = 0; round < 5; round += 1) costs.push(await lab.change('cds', TYPE_URL.cluster, 1));
  return [
    figure('10,000 connections: until all are served', wallMs / 1_000, 's'),
    figure('10,000 connections: server CPU of connecting', processorMs / count, 'ms each'),
    figure('10,000 connections: memory', memory, 'MiB'),
    figure('10,000 connections: server CPU of a cluster', median(costs.slice(1).map((cost) => cost.processorMs)), 'ms'),
  ];
}

/** Names 0: the two wildcards alone, on a fleet of one cluster. */
async function idleClients(count: number, names: number, goalKibibytes: number): Promise<Figure[]> {
  await using lab = await XdsLab.start(Math.max(names, 1));
  const before = lab.residentMebibytes();
  const until = { resources: names === 0 ? 2 : 2 * names + 2 };
  await lab.connect({ count, stalled: 0, clusters: names, keeps: false, until });
  await lab.quiet();
  const kibibytes = ((lab.residentMebibytes() - before) * 1024) / count;
  const who = names === 0 ? 'an idle wildcard client' : `a client with ${names} names`;
  return [figure(`memory of ${who}`, kibibytes, 'KiB', goalKibibytes)];
}

async function clientsThatNeverRead(): Promise<Figure[]> {
  const measured = async (stalled: number) => {
    await using lab = await XdsLab.start(100);
    await lab.connect({ count: 2_000, stalled, clusters: 100, keeps: false, until: { resources: 202 } });
    await lab.quiet();
    const latencies: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const cost = await lab.change(
        round % 2 === 0 ? 'cds' : 'rds',
        round % 2 === 0 ? TYPE_URL.cluster : TYPE_URL.route,
        1,
      );
      latencies.push(...cost.latenciesMs);
    }
    return { p99: percentile(latencies, 0.99), memory: lab.residentMebibytes() };
  };
  const without = await measured(0);
  const among = await measured(100);
  return [
    figure('5 % never read: p99 of the others, times that without', among.p99 / without.p99, '', 1.1),
    figure('5 % never read: memory, times that without', among.memory / without.memory, ''),
  ];
}
