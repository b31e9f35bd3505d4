import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isFullState } from '../../src/core/xds/full-state.ts';
import type { Resource } from '../../src/core/xds/resource.ts';
import { nextSnapshot, type Snapshot } from '../../src/core/xds/snapshot.ts';
import { step } from '../../src/core/xds/step.ts';
import {
  type Doubts,
  NEW_STREAM,
  type OpenStream,
  type Reply,
  type SotwRequest,
  type Stream,
} from '../../src/core/xds/stream.ts';
import { doubtsOf } from '../../src/core/xds/stream-status.ts';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import { SOTW_ADS } from '../support/xds-script.ts';
import type { Refusing } from './xds-model-client.ts';
import { SotwModelClient } from './xds-sotw-client.ts';

const TYPES = [TYPE_URL.cluster, TYPE_URL.endpoints, TYPE_URL.listener, TYPE_URL.route];
const NAMES = ['a', 'b', 'c', 'd'];

/** For each name of a type: no resource, or one in one of four versions, of which the model refuses `v4`. */
type Content = readonly (readonly number[])[];

type Action =
  | { readonly kind: 'publish'; readonly content: Content }
  | { readonly kind: 'want'; readonly type: number; readonly names: string[] }
  | { readonly kind: 'stale'; readonly type: number; readonly isError: boolean }
  | { readonly kind: 'to-client' | 'to-server' | 'reconnect' | 'wait' };

function contents(versionMax: number): fc.Arbitrary<Content> {
  const versions = fc.array(fc.nat({ max: versionMax }), { minLength: NAMES.length, maxLength: NAMES.length });
  return fc.array(versions, { minLength: TYPES.length, maxLength: TYPES.length });
}

const type = fc.nat({ max: TYPES.length - 1 });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: contents(4).map((content): Action => ({ kind: 'publish', content })) },
  {
    weight: 3,
    arbitrary: fc
      .record({ type, names: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 3 }) })
      .map((fields): Action => ({ kind: 'want', ...fields })),
  },
  { weight: 8, arbitrary: fc.constant<Action>({ kind: 'to-client' }) },
  { weight: 8, arbitrary: fc.constant<Action>({ kind: 'to-server' }) },
  {
    weight: 1,
    arbitrary: fc.record({ type, isError: fc.boolean() }).map((fields): Action => ({ kind: 'stale', ...fields })),
  },
  { weight: 1, arbitrary: fc.constant<Action>({ kind: 'reconnect' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ kind: 'wait' }) },
);

/** Whether types wait for each other. */
type Order = 'ordered' | 'unordered';

function opening(order: Order): OpenStream {
  const channel = { ...SOTW_ADS, isOrdered: order === 'ordered' };
  return { ...NEW_STREAM, channel, isIdentified: true };
}

/** Server and client with a queue in each direction, which keep the order as a stream does. */
class Conversation {
  readonly client: SotwModelClient;
  fullyAcknowledged = '';
  readonly #toServer: SotwRequest[] = [];
  readonly #toClient: Reply[] = [];
  readonly #opening: OpenStream;
  #stream: Stream;
  #snapshot: Snapshot | undefined;
  #content: Content = [];
  #nowMs = 1;

  constructor(refusing: Refusing, order: Order) {
    this.client = new SotwModelClient(refusing);
    this.#opening = opening(order);
    this.#stream = this.#opening;
  }

  act(next: Action): void {
    switch (next.kind) {
      case 'publish':
        this.publish(next.content);
        return;
      case 'want':
        this.#want(TYPES[next.type] ?? '', next.names);
        return;
      case 'to-client': {
        const reply = this.#toClient.shift();
        if (reply !== undefined) this.#toServer.push(this.client.receive(reply));
        return;
      }
      case 'to-server': {
        const request = this.#toServer.shift();
        if (request !== undefined) this.#take({ kind: 'sotw-request', request });
        return;
      }
      case 'stale': {
        const typeUrl = TYPES[next.type] ?? '';
        const request = {
          typeUrl,
          nonce: 'stale',
          names: ['d'],
          version: '',
          ...(next.isError ? { error: 'late' } : {}),
        };
        if (this.client.types.has(typeUrl)) this.#toServer.push(request);
        return;
      }
      case 'reconnect':
        this.#reconnect();
        return;
      case 'wait':
        this.#nowMs += 6_000;
        this.#take({ kind: 'tick' });
    }
  }

  /** Only a first request may come without names, and only where that means all. */
  #want(typeUrl: string, given: readonly string[]): void {
    const isAll = !this.client.types.has(typeUrl) && isFullState(typeUrl);
    this.#toServer.push(this.client.want(typeUrl, given.length > 0 || isAll ? given : ['a']));
  }

  publish(content: Content): void {
    this.#content = content;
    const resources = new Map(TYPES.map((typeUrl, index) => [typeUrl, resourcesOf(content[index] ?? [])]));
    for (const [typeUrl, list] of resources) {
      this.client.gone(
        typeUrl,
        NAMES.filter((name) => !list.some((resource) => resource.name === name)),
      );
    }
    const revision = `r${(this.#snapshot?.generation ?? 0) + 1}`;
    this.#snapshot = nextSnapshot(this.#snapshot, { revision, resources });
    this.#take({ kind: 'snapshot', snapshot: this.#snapshot });
  }

  settle(): number {
    let count = 0;
    for (let quiet = 0; quiet < 3; quiet += 1) {
      while (this.#toServer.length + this.#toClient.length > 0) {
        this.act({ kind: this.#toClient.length > 0 ? 'to-client' : 'to-server' });
        count += 1;
        quiet = 0;
        if (count > 2_000) throw new Error('the conversation does not end');
      }
      this.act({ kind: 'wait' });
    }
    return count;
  }

  /** What the client runs of what there shall be: of types that are told in part, what is gone may stay. */
  live(): Record<string, Record<string, string>> {
    return this.#byType((typeUrl, wanted) => {
      const live = [...(this.client.types.get(typeUrl)?.live ?? [])];
      return isFullState(typeUrl) ? live : live.filter(([name]) => wanted.some((resource) => resource.name === name));
    });
  }

  desired(): Record<string, Record<string, string>> {
    return this.#byType((_typeUrl, wanted) => wanted.map(({ name, version }): [string, string] => [name, version]));
  }

  #byType(entriesOf: (typeUrl: string, wanted: readonly Resource[]) => [string, string][]) {
    const entries = [...this.client.types].map(([typeUrl, { names }]) => {
      const all = resourcesOf(this.#content[(TYPES as readonly string[]).indexOf(typeUrl)] ?? []);
      const wanted = names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
      return [typeUrl, Object.fromEntries(entriesOf(typeUrl, wanted).sort())] as const;
    });
    return Object.fromEntries(entries);
  }

  #reconnect(): void {
    const doubts: Doubts = this.#stream.kind === 'open' ? doubtsOf(this.#stream) : new Map();
    this.#toServer.length = 0;
    this.#toClient.length = 0;
    this.#stream = step(this.#opening, { kind: 'resumed', doubts }, this.#nowMs).stream;
    this.#toServer.push(...this.client.reconnect());
    if (this.#snapshot !== undefined) this.#take({ kind: 'snapshot', snapshot: this.#snapshot });
  }

  #take(event: Parameters<typeof step>[1]): void {
    this.#nowMs += 1;
    const result = step(this.#stream, event, this.#nowMs);
    this.#stream = result.stream;
    this.#toClient.push(...result.replies);
    for (const report of result.reports) {
      if (report.kind === 'fully-acknowledged') this.fullyAcknowledged = report.revision;
    }
  }
}

function resourcesOf(versions: readonly number[]): Resource[] {
  return NAMES.flatMap((name, index) => {
    const version = versions[index] ?? 0;
    return version === 0 ? [] : [{ name, version: `v${version}`, bytes: new Uint8Array([version]) }];
  });
}

test.each<[Refusing, Order]>([
  ['whole', 'ordered'],
  ['named', 'ordered'],
  ['whole', 'unordered'],
  ['named', 'unordered'],
])(
  'C10: state of the world: whatever happened, a client that refuses responses (%s, %s) ends with the desired state, and nothing is sent in vain',
  (refusing, order) => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), contents(4), contents(3), (actions, first, last) => {
        const conversation = new Conversation(refusing, order);
        for (const next of actions) conversation.act(next);
        conversation.publish(first);
        conversation.settle();
        conversation.publish(last);
        conversation.settle();
        expect(conversation.live()).toEqual(conversation.desired());
        expect(conversation.client.complaints).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  },
);

test('state of the world: publishing what is already there sends nothing', () => {
  fc.assert(
    fc.property(contents(3), (content) => {
      const conversation = new Conversation('whole', 'ordered');
      for (const [index, names] of [[], NAMES, [], NAMES].entries()) {
        conversation.act({ kind: 'want', type: index, names: [...names] });
      }
      conversation.publish(content);
      conversation.settle();
      conversation.publish(content);
      expect(conversation.settle()).toBe(0);
      expect(conversation.fullyAcknowledged).toBe('r2');
    }),
    { numRuns: 100 },
  );
});
