import { fromBinary } from '@bufbuild/protobuf';
import { present } from '../../src/core/base/assert.ts';
import { createFrameSplitter, splitFrames } from '../../src/core/base/grpc-frame.ts';
import { DeltaDiscoveryResponseSchema } from '../../src/gen/envoy/service/discovery/v3/discovery_pb.js';
import type { ScannedResponse } from './response-scanner.ts';
import { type KeptVersions, type LoadVariant, openingRequests, wantedNames, XdsLoadClient } from './xds-load-client.ts';

/** What the clients' process is asked to do. Each job is answered with a `LoadAnswer`. */
export type LoadJob =
  /** Connects clients and answers when all that read have got so many resources, or so many responses. */
  | {
      readonly kind: 'connect';
      readonly port: number;
      readonly count: number;
      /** Delta where left out. The state-of-the-world variant keeps no versions. */
      readonly variant?: LoadVariant;
      /** How many of them never read. */
      readonly stalled: number;
      /** Clusters of the fleet, all of which they ask for by name too; 0 for the wildcards alone. */
      readonly clusters: number;
      /** Whether they tell the versions that earlier clients were sent. */
      readonly keeps: boolean;
      /** In how many different orders they tell them; 1 where left out. */
      readonly orders?: number;
      readonly until: { readonly resources: number } | { readonly responses: number };
    }
  /** Forgets what came; answers at once. */
  | { readonly kind: 'arm'; readonly typeUrl: string }
  /** Answers when all that read have got so many resources of the armed type. */
  | { readonly kind: 'await'; readonly resources: number }
  | { readonly kind: 'disconnect' };

export interface LoadAnswer {
  /** When the resources of the armed type came to each client, as `performance.timeOrigin + performance.now()`. */
  readonly arrivedAtMs: readonly number[];
  /** What was received since the job began, or since the clients were armed. */
  readonly bytes: number;
  readonly responses: number;
}

/** Connections opened in one turn of the event loop. */
const CONNECTIONS_PER_TURN = 50;

/** The largest response that the first client keeps. */
const MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

let clients: XdsLoadClient[] = [];
let reading = 0;
let armed: string | undefined;
let counts = { bytes: 0, responses: 0, resources: 0 };
let arrivedAtMs: number[] = [];
let waiting: { isDone: () => boolean; resolve: () => void } | undefined;
const versions = new Map<string, Map<string, string>>();

function onResponse({ typeUrl, resources, bytes }: ScannedResponse): void {
  counts.bytes += bytes;
  counts.responses += 1;
  if (armed === undefined || typeUrl === armed) {
    counts.resources += resources;
    if (armed !== undefined && resources > 0) arrivedAtMs.push(performance.timeOrigin + performance.now());
  }
  if (waiting?.isDone()) waiting.resolve();
}

/** Notes the versions of what comes, for clients that reconnect. */
function note(): (piece: Uint8Array) => void {
  const splitter = createFrameSplitter(MESSAGE_BYTES_MAX);
  return (piece) => {
    const split = splitFrames(splitter, Uint8Array.from(piece));
    for (const message of split.ok ? split.value : []) {
      const { typeUrl, resources } = fromBinary(DeltaDiscoveryResponseSchema, message);
      const known = versions.get(typeUrl) ?? new Map<string, string>();
      for (const { name, version } of resources) known.set(name, version);
      versions.set(typeUrl, known);
    }
  };
}

function onClosed(): void {
  throw new Error('the server closed the connection of a client');
}

async function connect(job: LoadJob & { kind: 'connect' }): Promise<void> {
  const { variant = 'delta' } = job;
  const wanted = wantedNames(job.clusters);
  const openings = Array.from({ length: job.orders ?? 1 }, (_, turn) =>
    openingRequests(wanted, variant, job.keeps ? turned(versions, turn) : new Map()),
  );
  reading = job.count - job.stalled;
  armed = undefined;
  reset();
  for (let index = 0; index < job.count; index += 1) {
    clients.push(
      new XdsLoadClient({
        port: job.port,
        node: `client-${index}`,
        variant,
        wanted,
        opening: present(openings[index % openings.length], 'one of the orders'),
        reads: index < reading,
        onResponse,
        ...(index === 0 && variant === 'delta' ? { onData: note() } : {}),
        onClosed,
      }),
    );
    if (index % CONNECTIONS_PER_TURN === 0) await new Promise(setImmediate);
  }
  const { until } = job;
  await when(() =>
    'resources' in until
      ? counts.resources >= reading * until.resources
      : counts.responses >= reading * until.responses,
  );
}

/** The same versions in another order: each turn is another permutation. */
function turned(kept: KeptVersions, turn: number): KeptVersions {
  if (turn === 0) return kept;
  const inOrder = (of: ReadonlyMap<string, string>) => {
    const keyed = [...of].map((entry, index) => [(index * (2 * turn + 1) * 7_919) % 10_007, entry] as const);
    return new Map(keyed.sort(([left], [right]) => left - right).map(([, entry]) => entry));
  };
  return new Map([...kept].map(([typeUrl, of]) => [typeUrl, inOrder(of)]));
}

function when(isDone: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    waiting = { isDone, resolve };
    if (isDone()) resolve();
  });
}

function reset(): void {
  counts = { bytes: 0, responses: 0, resources: 0 };
  arrivedAtMs = [];
}

function run(job: LoadJob): Promise<void> | undefined {
  switch (job.kind) {
    case 'connect':
      return connect(job);
    case 'arm':
      armed = job.typeUrl;
      reset();
      return undefined;
    case 'await':
      return when(() => counts.resources >= reading * job.resources);
    case 'disconnect': {
      const gone = clients;
      clients = [];
      for (const client of gone) client.close();
      return undefined;
    }
  }
}

process.on('message', async (job: LoadJob) => {
  await run(job);
  const { bytes, responses } = counts;
  process.send?.({ arrivedAtMs, bytes, responses } satisfies LoadAnswer);
});
process.on('disconnect', () => process.exit());
