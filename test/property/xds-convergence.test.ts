import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DELTA_ADS } from '../../src/core/xds/channel.ts';
import type { Resource } from '../../src/core/xds/resource.ts';
import { nextSnapshot, type Snapshot } from '../../src/core/xds/snapshot.ts';
import { step } from '../../src/core/xds/step.ts';
import {
  type DeltaRequest,
  type Doubts,
  NEW_STREAM,
  type OpenStream,
  type Reply,
  type Stream,
} from '../../src/core/xds/stream.ts';
import { doubtsOf } from '../../src/core/xds/stream-status.ts';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import { ModelClient, type Refusing } from './xds-model-client.ts';

const IDENTIFIED: OpenStream = { ...NEW_STREAM, isIdentified: true };
/** As on the separate services. */
const UNORDERED: OpenStream = { ...IDENTIFIED, channel: { ...DELTA_ADS, isOrdered: false } };

const TYPES = [TYPE_URL.cluster, TYPE_URL.endpoints, TYPE_URL.listener, TYPE_URL.route];
const NAMES = ['a', 'b', 'c', 'd'];

/** For each name of a type: no resource, or one in one of four versions, of which the model refuses `v4`. */
type Content = readonly (readonly number[])[];

type Action =
  | { readonly kind: 'publish'; readonly content: Content }
  | { readonly kind: 'subscribe'; readonly type: number; readonly subscribe: string[]; readonly unsubscribe: string[] }
  | { readonly kind: 'to-client' }
  | { readonly kind: 'to-server' }
  | { readonly kind: 'stale-answer'; readonly type: number; readonly isError: boolean }
  | { readonly kind: 'reconnect' }
  | { readonly kind: 'wait' };

const subsetOfNames = fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 3 });
const typeIndex = fc.nat({ max: TYPES.length - 1 });

function contents(versionMax: number): fc.Arbitrary<Content> {
  const versions = fc.array(fc.nat({ max: versionMax }), { minLength: NAMES.length, maxLength: NAMES.length });
  return fc.array(versions, { minLength: TYPES.length, maxLength: TYPES.length });
}

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: contents(4).map((content): Action => ({ kind: 'publish', content })) },
  {
    weight: 3,
    arbitrary: fc
      .record({ type: typeIndex, subscribe: subsetOfNames, unsubscribe: subsetOfNames })
      .map((fields): Action => ({ kind: 'subscribe', ...fields })),
  },
  { weight: 8, arbitrary: fc.constant<Action>({ kind: 'to-client' }) },
  { weight: 8, arbitrary: fc.constant<Action>({ kind: 'to-server' }) },
  {
    weight: 1,
    arbitrary: fc
      .record({ type: typeIndex, isError: fc.boolean() })
      .map((fields): Action => ({ kind: 'stale-answer', ...fields })),
  },
  { weight: 1, arbitrary: fc.constant<Action>({ kind: 'reconnect' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ kind: 'wait' }) },
);

/** Server and client with a queue in each direction, which keep the order as a stream does. */
class Conversation {
  readonly client: ModelClient;
  readonly #toServer: DeltaRequest[] = [];
  readonly #toClient: { reply: Reply; asked: ReadonlySet<string> }[] = [];
  /** By type, the names that the server was asked for and has not answered. */
  readonly #asked = new Map<string, Set<string>>();
  readonly #opening: OpenStream;
  #stream: Stream;
  #snapshot: Snapshot | undefined;
  #nowMs = 1;
  #content: Content = [];
  fullyAcknowledged = '';

  constructor(refusing: Refusing, opening: OpenStream = IDENTIFIED) {
    this.#opening = opening;
    this.#stream = opening;
    this.client = new ModelClient(refusing, (version) => version === 'v4');
  }

  act(next: Action): void {
    switch (next.kind) {
      case 'publish':
        this.publish(next.content);
        return;
      case 'subscribe': {
        const typeUrl = TYPES[next.type] ?? '';
        const known = this.client.types.get(typeUrl);
        const isFirst = known === undefined;
        const isNamed = typeUrl === TYPE_URL.route || typeUrl === TYPE_URL.endpoints;
        const subscribe = isFirst && isNamed && next.subscribe.length === 0 ? ['a'] : next.subscribe;
        const unsubscribe = isFirst ? [] : next.unsubscribe.filter((name) => !subscribe.includes(name));
        this.#toServer.push(this.client.subscribe(typeUrl, subscribe, unsubscribe));
        return;
      }
      case 'to-client':
        this.deliverToClient();
        return;
      case 'to-server':
        this.deliverToServer();
        return;
      case 'stale-answer': {
        const typeUrl = TYPES[next.type] ?? '';
        if (!this.client.types.has(typeUrl)) return;
        const error = next.isError ? { error: 'stale' } : {};
        const request = { typeUrl, nonce: 'stale', subscribe: [], unsubscribe: [], initialVersions: new Map() };
        this.#toServer.push({ ...request, ...error });
        return;
      }
      case 'reconnect':
        this.#toServer.length = 0;
        this.#toClient.length = 0;
        this.#reconnect();
        if (this.#snapshot !== undefined) this.#take({ kind: 'snapshot', snapshot: this.#snapshot });
        return;
      case 'wait':
        this.#nowMs += 6_000;
        this.#take({ kind: 'tick' });
        return;
    }
  }

  publish(content: Content): void {
    this.#content = content;
    const resources = new Map(TYPES.map((typeUrl, index) => [typeUrl, this.#resources(content[index] ?? [])]));
    const sequences = this.#stream.kind === 'open' ? this.#stream.types : new Map();
    this.#snapshot = nextSnapshot(
      this.#snapshot,
      { revision: `r${(this.#snapshot?.generation ?? 0) + 1}`, resources },
      (typeUrl) => sequences.get(typeUrl)?.sequence || Number.POSITIVE_INFINITY,
    );
    this.#take({ kind: 'snapshot', snapshot: this.#snapshot });
  }

  /** Lets everything arrive, waiting included, and says how many messages that took. */
  settle(): number {
    let count = 0;
    for (let quiet = 0; quiet < 3; quiet += 1) {
      while (this.#toServer.length + this.#toClient.length > 0) {
        if (this.#toClient.length > 0) this.deliverToClient();
        else this.deliverToServer();
        count += 1;
        quiet = 0;
        if (count > 2_000) throw new Error('the conversation does not end');
      }
      this.act({ kind: 'wait' });
    }
    return count;
  }

  deliverToClient(): void {
    const message = this.#toClient.shift();
    if (message !== undefined) this.#toServer.push(this.client.receive(message.reply, message.asked));
  }

  deliverToServer(): void {
    const request = this.#toServer.shift();
    if (request !== undefined) this.#take({ kind: 'request', request });
  }

  get revision(): string {
    return this.#snapshot?.revision ?? '';
  }

  live(): Record<string, Record<string, string>> {
    const entries = [...this.client.types].map(([typeUrl, type]) => [typeUrl, sorted(type.live)] as const);
    return Object.fromEntries(entries);
  }

  desired(): Record<string, Record<string, string>> {
    const entries = [...this.client.types].map(([typeUrl, type]) => {
      const wanted = this.#resources(this.#content[(TYPES as readonly string[]).indexOf(typeUrl)] ?? []);
      const subscribed = wanted.filter((resource) => type.wildcard || type.names.has(resource.name));
      return [typeUrl, sorted(new Map(subscribed.map(({ name, version }) => [name, version])))] as const;
    });
    return Object.fromEntries(entries);
  }

  #reconnect(): void {
    const doubts: Doubts = this.#stream.kind === 'open' ? doubtsOf(this.#stream) : new Map();
    this.#stream = step(this.#opening, { kind: 'resumed', doubts }, this.#nowMs).stream;
    this.#toServer.push(...this.client.reconnect(doubts));
    for (const [typeUrl, doubted] of doubts) this.#ask(typeUrl, doubted);
  }

  #take(event: Parameters<typeof step>[1]): void {
    this.#nowMs += 1;
    if (event.kind === 'request') {
      this.#ask(event.request.typeUrl, [...event.request.subscribe, ...event.request.unsubscribe]);
    }
    const result = step(this.#stream, event, this.#nowMs);
    this.#stream = result.stream;
    for (const reply of result.replies) this.#toClient.push({ reply, asked: this.#answered(reply) });
    for (const report of result.reports) {
      if (report.kind === 'fully-acknowledged') this.fullyAcknowledged = report.revision;
    }
  }

  #ask(typeUrl: string, asked: readonly string[]): void {
    this.#asked.set(typeUrl, new Set([...(this.#asked.get(typeUrl) ?? []), ...asked]));
  }

  #answered(reply: Reply): ReadonlySet<string> {
    const names = [...reply.resources.map((resource) => resource.name), ...reply.removed];
    const asked = names.filter((name) => this.#asked.get(reply.typeUrl)?.delete(name));
    // A changed cluster needs its endpoints once more (row O3).
    if (reply.typeUrl === TYPE_URL.cluster) this.#ask(TYPE_URL.endpoints, names);
    return new Set(asked);
  }

  #resources(versions: readonly number[]): Resource[] {
    return NAMES.flatMap((name, index) => {
      const version = versions[index] ?? 0;
      return version === 0 ? [] : [{ name, version: `v${version}`, bytes: new Uint8Array([version]) }];
    });
  }
}

function sorted(map: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...map].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function runs(conversation: Conversation, actions: readonly Action[], first: Content, last: Content): Conversation {
  for (const next of actions) conversation.act(next);
  conversation.publish(first);
  conversation.settle();
  conversation.publish(last);
  conversation.settle();
  return conversation;
}

test.each<[Refusing, string, OpenStream]>([
  ['whole', 'ordered', IDENTIFIED],
  ['named', 'ordered', IDENTIFIED],
  ['whole', 'unordered', UNORDERED],
  ['named', 'unordered', UNORDERED],
])(
  'C10: whatever happened, a client that refuses responses (%s, %s) ends with the desired state, and nothing is sent in vain',
  (refusing, _order, opening) => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), contents(4), contents(3), (actions, first, last) => {
        const conversation = runs(new Conversation(refusing, opening), actions, first, last);
        expect(conversation.live()).toEqual(conversation.desired());
        expect(conversation.client.complaints).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  },
);

test.each<Refusing>(['whole', 'named'])(
  'a refused version (%s) is never live, is not sent for ever, and every other resource of its type is live',
  (refusing) => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), contents(4), contents(4), (actions, first, last) => {
        const conversation = runs(new Conversation(refusing), actions, first, last);
        const clusters = conversation.live()[TYPE_URL.cluster] ?? {};
        const wanted = Object.entries(conversation.desired()[TYPE_URL.cluster] ?? {});
        const good = wanted.filter(([, version]) => version !== 'v4');
        expect(clusters).toMatchObject(Object.fromEntries(good));
        expect(Object.values(clusters)).not.toContain('v4');
      }),
      { numRuns: 1_000 },
    );
  },
);

test('publishing what is already there sends nothing and is acknowledged at once', () => {
  fc.assert(
    fc.property(contents(3), (content) => {
      const conversation = new Conversation('whole');
      for (const [type, name] of [
        [0, 'x'],
        [1, 'a'],
        [2, 'x'],
        [3, 'a'],
      ] as const) {
        const subscribe = name === 'x' ? [] : NAMES;
        conversation.act({ kind: 'subscribe', type, subscribe, unsubscribe: [] });
      }
      conversation.publish(content);
      conversation.settle();
      conversation.publish(content);
      expect(conversation.settle()).toBe(0);
      expect(conversation.fullyAcknowledged).toBe(conversation.revision);
    }),
    { numRuns: 100 },
  );
});
