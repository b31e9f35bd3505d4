import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Snapshot } from '../../src/core/xds/snapshot.ts';
import { step } from '../../src/core/xds/step.ts';
import { type DeltaRequest, NEW_STREAM, type OpenStream, type Reply, type Stream } from '../../src/core/xds/stream.ts';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import type { FleetResource, Publication } from '../../src/io/grpc/fleet-content.ts';
import { FleetGroups, type OfferedCall } from '../../src/io/grpc/fleet-groups.ts';
import { ModelClient } from './xds-model-client.ts';

const IDENTIFIED: Stream = { ...NEW_STREAM, isIdentified: true };

const TYPES = [TYPE_URL.cluster, TYPE_URL.endpoints, TYPE_URL.listener, TYPE_URL.route, TYPE_URL.secret];
const NAMES = ['a', 'b', 'c'];
const NODES = ['n1', 'n2', 'n3', 'n4'];
const OWN_PORTS = ['n4'];
const FLEET = 'edge';

/** For each name of a type but secrets: no resource, or one of two. */
type Content = readonly (readonly number[])[];

type Action =
  | { readonly kind: 'publish'; readonly content: Content }
  | { readonly kind: 'try'; readonly content: Content; readonly nodes: readonly string[] }
  | { readonly kind: 'move'; readonly nodes: readonly string[] | 'all' }
  | { readonly kind: 'promote' }
  | { readonly kind: 'roll-back' }
  | { readonly kind: 'secret'; readonly value: number }
  | { readonly kind: 'reconnect'; readonly node: string }
  | { readonly kind: 'deliver'; readonly node: string; readonly messages: number };

/** One proxy: the machine's side, the model's side, and what travels between them. */
class ModelProxy implements OfferedCall {
  readonly client = new ModelClient('whole', () => false);
  readonly #toServer: DeltaRequest[] = [];
  readonly #toClient: { reply: Reply; asked: ReadonlySet<string> }[] = [];
  readonly #asked = new Map<string, Set<string>>();
  #stream: Stream = IDENTIFIED;
  #nowMs = 1;

  connect(): void {
    const isNew = this.client.types.size === 0;
    this.#stream = IDENTIFIED;
    this.#toServer.length = 0;
    this.#toClient.length = 0;
    this.#asked.clear();
    if (isNew)
      for (const typeUrl of TYPES) {
        const isNamed = typeUrl !== TYPE_URL.cluster && typeUrl !== TYPE_URL.listener;
        this.#toServer.push(this.client.subscribe(typeUrl, isNamed ? NAMES : [], []));
      }
    else this.#toServer.push(...this.client.reconnect(new Map()));
  }

  get state(): OpenStream | undefined {
    return this.#stream.kind === 'open' ? this.#stream : undefined;
  }

  offer(snapshot: Snapshot): void {
    this.#take({ kind: 'snapshot', snapshot });
  }

  deliver(messages: number): number {
    let delivered = 0;
    for (; delivered < messages && this.#toServer.length + this.#toClient.length > 0; delivered += 1) {
      const message = this.#toClient.shift();
      if (message === undefined) this.#request();
      else this.#toServer.push(this.client.receive(message.reply, message.asked));
    }
    return delivered;
  }

  wait(): void {
    this.#nowMs += 6_000;
    this.#take({ kind: 'tick' });
  }

  #request(): void {
    const request = this.#toServer.shift();
    if (request !== undefined) this.#take({ kind: 'request', request });
  }

  #take(event: Parameters<typeof step>[1]): void {
    this.#nowMs += 1;
    if (event.kind === 'request') this.#ask(event.request.typeUrl, event.request.subscribe);
    const result = step(this.#stream, event, this.#nowMs);
    this.#stream = result.stream;
    for (const reply of result.replies) this.#toClient.push({ reply, asked: this.#answered(reply) });
  }

  #ask(typeUrl: string, asked: readonly string[]): void {
    this.#asked.set(typeUrl, new Set([...(this.#asked.get(typeUrl) ?? []), ...asked]));
  }

  #answered(reply: Reply): ReadonlySet<string> {
    const names = [...reply.resources.map((resource) => resource.name), ...reply.removed];
    const asked = names.filter((name) => this.#asked.get(reply.typeUrl)?.delete(name));
    if (reply.typeUrl === TYPE_URL.cluster) this.#ask(TYPE_URL.endpoints, names);
    return new Set(asked);
  }
}

/** The server's groups with four proxies, of which one has ports of its own. */
class Fleet {
  readonly groups = new FleetGroups({
    secretResource: (name, value) => ({ typeUrl: TYPE_URL.secret, name, bytes: Buffer.from(value) }),
    secretVersionKey: new Uint8Array(32),
  });
  readonly proxies = new Map(NODES.map((node) => [node, new ModelProxy()]));
  #stable: Publication = publication([]);
  #trial: { publication: Publication; nodes: ReadonlySet<string> | 'all' } | undefined;
  #secret = '0';

  constructor() {
    this.groups.setSecrets(new Map([['a', this.#secret]]));
    this.#publish();
    for (const node of NODES) this.connect(node);
  }

  connect(node: string): void {
    const call = this.proxy(node);
    this.groups.leave(call);
    call.connect();
    const overlay = { key: 'own', apply: (resource: FleetResource) => ownPort(resource, node) };
    const as = { id: node, cluster: FLEET, metadata: {}, userAgent: 'model', version: undefined };
    this.groups.join(call, as, FLEET, OWN_PORTS.includes(node) ? overlay : undefined);
  }

  proxy(node: string): ModelProxy {
    const found = this.proxies.get(node);
    if (found === undefined) throw new Error(`no proxy ${node}`);
    return found;
  }

  act(action: Action): void {
    switch (action.kind) {
      case 'publish':
        this.#stable = publication(action.content);
        this.#trial = undefined;
        break;
      case 'try':
        this.#trial = { publication: publication(action.content), nodes: new Set(action.nodes) };
        break;
      case 'move':
        if (this.#trial === undefined) return;
        this.#trial = { ...this.#trial, nodes: action.nodes === 'all' ? 'all' : new Set(action.nodes) };
        break;
      case 'promote':
        this.#stable = this.#trial?.publication ?? this.#stable;
        this.#trial = undefined;
        break;
      case 'roll-back':
        this.#trial = undefined;
        break;
      case 'secret':
        this.#secret = `${action.value}`;
        this.groups.setSecrets(new Map([['a', this.#secret]]));
        return;
      case 'reconnect':
        this.connect(action.node);
        return;
      case 'deliver':
        this.proxy(action.node).deliver(action.messages);
        return;
    }
    this.#publish();
  }

  settle(): number {
    let count = 0;
    for (let round = 0; round < 4; round += 1) {
      for (const proxy of this.proxies.values()) {
        count += proxy.deliver(1_000);
        proxy.wait();
      }
    }
    return count;
  }

  /** What each proxy runs: type → name → the text of the resource. */
  live(): unknown {
    return NODES.map((node) => [...this.proxy(node).client.types].map(([type, { live }]) => [type, [...live].sort()]));
  }

  /** The revision that a proxy of a new installation with the same state would run. */
  desired(): unknown {
    const fresh = new Fleet();
    fresh.#secret = this.#secret;
    fresh.groups.setSecrets(new Map([['a', this.#secret]]));
    fresh.#stable = this.#stable;
    fresh.#trial = this.#trial;
    fresh.#publish();
    for (const node of NODES) fresh.connect(node);
    fresh.settle();
    return fresh.live();
  }

  #publish(): void {
    this.groups.publish(FLEET, this.#stable, this.#trial);
  }
}

function publication(content: Content): Publication {
  const resources = TYPES.slice(0, 4).flatMap((typeUrl, type) =>
    NAMES.flatMap((name, index): FleetResource[] => {
      const version = content[type]?.[index] ?? 0;
      return version === 0 ? [] : [{ typeUrl, name, bytes: Buffer.from(`${typeUrl} ${name} ${version}`) }];
    }),
  );
  return { revision: JSON.stringify(content), resources, secretNames: ['a'] };
}

function ownPort(resource: FleetResource, node: string): FleetResource {
  if (resource.typeUrl !== TYPE_URL.listener) return resource;
  return { ...resource, bytes: Buffer.concat([resource.bytes, Buffer.from(node)]) };
}

const versions = fc.array(fc.nat(2), { minLength: NAMES.length, maxLength: NAMES.length });
const someContent = fc.array(versions, { minLength: 4, maxLength: 4 });
const someNode = fc.constantFrom(...NODES);
const someNodes = fc.uniqueArray(someNode);

const someAction: fc.Arbitrary<Action> = fc.oneof(
  someContent.map((each): Action => ({ kind: 'publish', content: each })),
  fc.record({ content: someContent, nodes: someNodes }).map((each): Action => ({ kind: 'try', ...each })),
  fc.oneof(someNodes, fc.constant<'all'>('all')).map((each): Action => ({ kind: 'move', nodes: each })),
  fc.constant<Action>({ kind: 'promote' }),
  fc.constant<Action>({ kind: 'roll-back' }),
  fc.nat(3).map((value): Action => ({ kind: 'secret', value })),
  someNode.map((each): Action => ({ kind: 'reconnect', node: each })),
  fc.record({ node: someNode, messages: fc.nat(6) }).map((each): Action => ({ kind: 'deliver', ...each })),
);

test('whatever was tried, taken back or changed, each proxy ends with the content of its track, and gets nothing in vain', () => {
  fc.assert(
    fc.property(fc.array(someAction, { maxLength: 40 }), (actions) => {
      const fleet = new Fleet();
      for (const each of actions) fleet.act(each);
      fleet.settle();
      expect(fleet.live()).toEqual(fleet.desired());
      expect(NODES.flatMap((each) => fleet.proxy(each).client.complaints)).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});

test('a trial that is taken back is one message for each type that differs, to its proxies alone', () => {
  const fleet = new Fleet();
  fleet.act({ kind: 'publish', content: [[1], [1], [1], [1]] });
  fleet.settle();
  fleet.act({ kind: 'try', content: [[1], [1], [1], [2]], nodes: ['n1'] });
  // A response and its answer.
  expect(fleet.settle()).toBe(2);
  fleet.act({ kind: 'roll-back' });
  expect([fleet.settle(), fleet.live()]).toEqual([2, fleet.desired()]);
});

test('a trial that has reached everybody is promoted without a message', () => {
  const fleet = new Fleet();
  fleet.act({ kind: 'try', content: [[1], [1], [1], [1]], nodes: ['n1'] });
  fleet.act({ kind: 'move', nodes: 'all' });
  fleet.settle();
  fleet.act({ kind: 'promote' });
  expect(fleet.settle()).toBe(0);
});
