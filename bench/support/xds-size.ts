import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import type { Figure } from '../figure.ts';
import { median, percentile } from './percentile.ts';
import { type Cost, XdsLab } from './xds-lab.ts';

/** How many clients, how many clusters, and what is asked of them. */
export interface XdsSize {
  readonly clients: number;
  readonly clusters: number;
  /** Server CPU from a change to the last ACK. */
  readonly changeMs?: number;
  readonly memoryMebibytes?: number;
  readonly coldConnectMs?: number;
}

/** What one size cost, for the comparison of sizes. */
export interface SizeResult {
  readonly size: XdsSize;
  readonly figures: readonly Figure[];
  readonly cdsMs: number;
  readonly edsMs: number;
}

const CHANGES = 15;
const RECONNECT_BYTES_PERCENT = 1;
const RECONNECT_MS_PER_CLIENT = 1;
/** A map has no order on the wire: clients of some makes write the same versions differently. */
const ORDERS = 64;

/** Cold connect, changes of one cluster and one assignment, and a reconnection with versions. */
export async function measureSize(size: XdsSize): Promise<SizeResult> {
  const { clients, clusters } = size;
  await using lab = await XdsLab.start(clusters);
  const what = (text: string) => `${clients} x ${clusters}: ${text}`;
  const all = { count: clients, stalled: 0, clusters };
  const cold = await lab.connect({ ...all, keeps: false, until: { resources: 2 * clusters + 2 } });
  await lab.quiet();
  const memory = lab.residentMebibytes();
  const cds = await changes(lab, 'cds', TYPE_URL.cluster);
  const eds = await changes(lab, 'eds', TYPE_URL.endpoints);
  await lab.disconnect();
  const back = await lab.connect({ ...all, keeps: true, until: { responses: 2 } });
  await lab.disconnect();
  const mixed = await lab.connect({ ...all, keeps: true, orders: ORDERS, until: { responses: 2 } });
  const [cdsMs, edsMs] = [median(cds.map((cost) => cost.processorMs)), median(eds.map((cost) => cost.processorMs))];
  return {
    size,
    cdsMs,
    edsMs,
    figures: [
      figure(what('server CPU of a cluster to the last ACK'), cdsMs, 'ms', size.changeMs),
      figure(what('server CPU of an endpoint assignment to the last ACK'), edsMs, 'ms', size.changeMs),
      ...wallFigures(what('cluster to the last client'), cds),
      ...wallFigures(what('endpoint assignment to the last client'), eds),
      figure(what('memory after all are connected'), memory, 'MiB', size.memoryMebibytes),
      figure(what('cold connect, server CPU'), cold.processorMs, 'ms', size.coldConnectMs),
      figure(what('cold connect, bytes'), cold.bytes / 1e6, 'MB'),
      figure(what('reconnect with versions, bytes'), (100 * back.bytes) / cold.bytes, '%', RECONNECT_BYTES_PERCENT),
      figure(what('reconnect, server CPU per client'), back.processorMs / clients, 'ms', RECONNECT_MS_PER_CLIENT),
      figure(what('the same, versions in many orders'), mixed.processorMs / clients, 'ms', RECONNECT_MS_PER_CLIENT),
    ],
  };
}

async function changes(lab: XdsLab, type: 'cds' | 'eds', typeUrl: string): Promise<Cost[]> {
  const costs: Cost[] = [];
  // The first one is not counted: code that was never run is slower than a fleet will ever see it.
  for (let round = 0; round <= CHANGES; round += 1) costs.push(await lab.change(type, typeUrl, 1));
  return costs.slice(1);
}

function wallFigures(what: string, costs: readonly Cost[]): Figure[] {
  const walls = costs.map((cost) => cost.wallMs);
  return [figure(`${what}, p50`, percentile(walls, 0.5), 'ms'), figure(`${what}, p99`, percentile(walls, 0.99), 'ms')];
}

export function figure(what: string, value: number, unit: string, below?: number): Figure {
  return { what, value, unit, ...(below === undefined ? {} : { goal: { below } }) };
}
