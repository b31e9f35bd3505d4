import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextSnapshot, type Snapshot } from '../../src/core/xds/snapshot.ts';
import { step } from '../../src/core/xds/step.ts';
import { type DeltaRequest, NEW_STREAM, type Reply, type Stream, type StreamEvent } from '../../src/core/xds/stream.ts';
import { doubtsOf } from '../../src/core/xds/stream-status.ts';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import { WarmingClient } from './xds-warming-client.ts';

const IDENTIFIED: Stream = { ...NEW_STREAM, isIdentified: true };

const CLUSTERS = ['a', 'b', 'c', 'd'];
const ROUTES = ['r', 's'];

/** A revision: which cluster each route leads to, and a version that all its clusters share. */
interface Revision {
  readonly targets: readonly number[];
  readonly clusterVersion: number;
}

type Action =
  | { readonly kind: 'publish'; readonly revision: Revision }
  | { readonly kind: 'to-client' }
  | { readonly kind: 'to-server' }
  | { readonly kind: 'reconnect'; readonly order: readonly number[] };

const revision: fc.Arbitrary<Revision> = fc.record({
  targets: fc.array(fc.nat({ max: CLUSTERS.length - 1 }), { minLength: ROUTES.length, maxLength: ROUTES.length }),
  clusterVersion: fc.nat({ max: 1 }),
});

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: revision.map((given): Action => ({ kind: 'publish', revision: given })) },
  { weight: 10, arbitrary: fc.constant<Action>({ kind: 'to-client' }) },
  { weight: 10, arbitrary: fc.constant<Action>({ kind: 'to-server' }) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.nat(), { minLength: 4, maxLength: 4 })
      .map((order): Action => ({ kind: 'reconnect', order })),
  },
);

class Link {
  readonly client = new WarmingClient(ROUTES);
  readonly broken: string[] = [];
  readonly #toServer: DeltaRequest[] = [];
  readonly #toClient: Reply[] = [];
  #stream: Stream = IDENTIFIED;
  #snapshot: Snapshot | undefined;
  #nowMs = 0;
  acknowledged = '';

  act(next: Action): void {
    switch (next.kind) {
      case 'publish':
        this.publish(next.revision);
        return;
      case 'to-client': {
        const reply = this.#toClient.shift();
        if (reply !== undefined) this.#toServer.push(...this.client.receive(reply));
        this.broken.push(...this.client.brokenRoutes());
        return;
      }
      case 'to-server': {
        const request = this.#toServer.shift();
        if (request !== undefined) this.#take({ kind: 'request', request });
        return;
      }
      case 'reconnect':
        this.reconnect(next.order);
    }
  }

  publish({ targets, clusterVersion }: Revision): void {
    const wanted = [...new Set(targets.map((target) => CLUSTERS[target] ?? ''))];
    const list = (versions: readonly (readonly [string, string])[]) =>
      versions.map(([name, version]) => ({ name, version, bytes: new Uint8Array() }));
    const resources = new Map([
      [TYPE_URL.cluster, list(wanted.map((name) => [name, `v${clusterVersion}`]))],
      [TYPE_URL.endpoints, list(wanted.map((name) => [name, 'v']))],
      [TYPE_URL.listener, list([['l', 'v']])],
      [TYPE_URL.route, list(ROUTES.map((name, index) => [name, CLUSTERS[targets[index] ?? 0] ?? '']))],
    ]);
    const label = `r${(this.#snapshot?.generation ?? 0) + 1}`;
    this.#snapshot = nextSnapshot(this.#snapshot, { revision: label, resources });
    this.#take({ kind: 'snapshot', snapshot: this.#snapshot });
  }

  reconnect(order: readonly number[]): void {
    const doubts = this.#stream.kind === 'open' ? doubtsOf(this.#stream) : new Map();
    this.#toServer.length = 0;
    this.#toClient.length = 0;
    this.#stream = step(IDENTIFIED, { kind: 'resumed', doubts }, this.#nowMs).stream;
    this.#toServer.push(...this.client.connect(order));
    if (this.#snapshot !== undefined) this.#take({ kind: 'snapshot', snapshot: this.#snapshot });
  }

  settle(): void {
    while (this.#toServer.length + this.#toClient.length > 0) {
      this.act({ kind: 'to-client' });
      this.act({ kind: 'to-server' });
    }
  }

  get offered(): string {
    return this.#snapshot?.revision ?? '';
  }

  fetchTimesOut(): void {
    this.#toServer.push(...this.client.fetchTimesOut());
    this.settle();
    this.wait(1_000);
  }

  wait(durationMs: number): void {
    this.#nowMs += durationMs;
    this.#take({ kind: 'tick' });
    this.settle();
  }

  #take(event: StreamEvent): void {
    this.#nowMs += 1;
    const result = step(this.#stream, event, this.#nowMs);
    this.#stream = result.stream;
    this.#toClient.push(...result.replies);
    for (const report of result.reports) if (report.kind === 'fully-acknowledged') this.acknowledged = report.revision;
  }
}

test('O1: whatever is published, and however slowly it arrives, no route ever leads to a cluster that is not there', () => {
  fc.assert(
    fc.property(revision, fc.array(action, { maxLength: 80 }), revision, (first, actions, last) => {
      const link = new Link();
      link.reconnect([0, 1, 2, 3]);
      link.publish(first);
      link.settle();
      link.broken.length = 0;
      for (const next of actions) link.act(next);
      link.publish(last);
      link.settle();
      link.wait(1_000);
      // A cluster that a cut stream left warming, and that is wanted no more, ends its warming by the fetch timeout
      // alone: to take its endpoints away earlier would empty the older cluster that still serves under its name.
      if (actions.some(({ kind }) => kind === 'reconnect')) link.fetchTimesOut();
      expect(link.broken).toEqual([]);
      expect(link.acknowledged).toBe(link.offered);
      const wanted = last.targets.map((target) => CLUSTERS[target] ?? '');
      expect([...link.client.live].sort()).toEqual([...new Set(wanted)].sort());
      expect([...(link.client.versions.get(TYPE_URL.route)?.values() ?? [])]).toEqual(wanted);
    }),
    { numRuns: 2_000 },
  );
});
