import type { DeltaRequest, Doubts, Reply } from '../../src/core/xds/stream.ts';

/** How the model refuses a response: as a whole without a name, or only the resources at fault, by name. */
export type Refusing = 'whole' | 'named';

interface ClientType {
  wildcard: boolean;
  readonly names: Set<string>;
  /** The versions that it would tell on a reconnect: only from responses that it acknowledged. */
  readonly versions: Map<string, string>;
  /** What it really runs. */
  readonly live: Map<string, string>;
  /** Names of a refused response, until a response with them is accepted. */
  readonly inDoubt: Set<string>;
}

/** A proxy's side of delta ADS, as Envoy 1.40 behaves: what it runs, what it remembers, how it answers. */
export class ModelClient {
  readonly types = new Map<string, ClientType>();
  readonly complaints: string[] = [];
  readonly #isRefused: (version: string) => boolean;
  readonly #refusing: Refusing;
  #isNodeSent = false;

  constructor(refusing: Refusing, isRefused: (version: string) => boolean) {
    this.#refusing = refusing;
    this.#isRefused = isRefused;
  }

  subscribe(typeUrl: string, subscribe: readonly string[], unsubscribe: readonly string[]): DeltaRequest {
    const known = this.types.get(typeUrl);
    const type = known ?? newType(subscribe.length === 0);
    this.types.set(typeUrl, type);
    for (const name of unsubscribe) {
      if (!type.names.delete(name)) continue;
      if (type.wildcard) continue;
      type.versions.delete(name);
      type.live.delete(name);
    }
    for (const name of subscribe) type.names.add(name);
    return this.#request(typeUrl, { subscribe, unsubscribe });
  }

  /** The first request of each type on a new stream. The server may say anything of what it doubts once more. */
  reconnect(doubts: Doubts): DeltaRequest[] {
    for (const [typeUrl, names] of doubts) for (const name of names) this.types.get(typeUrl)?.inDoubt.add(name);
    this.#isNodeSent = false;
    return [...this.types].map(([typeUrl, type]) =>
      this.#request(typeUrl, {
        subscribe: type.wildcard && type.names.size > 0 ? ['*', ...type.names] : [...type.names],
        initialVersions: new Map(type.versions),
      }),
    );
  }

  /** `asked` are the names that the server may send although nothing changed. */
  receive(reply: Reply, asked: ReadonlySet<string>): DeltaRequest {
    const type = this.types.get(reply.typeUrl) ?? newType(false);
    const subscribed = (name: string) => type.wildcard || type.names.has(name);
    const doubted = new Set(type.inDoubt);
    const mayRepeat = (name: string) => asked.has(name) || doubted.has(name);
    const names = [...reply.resources.map((resource) => resource.name), ...reply.removed];
    if (new Set(names).size < names.length) this.complaints.push(`duplicate name in ${names}`);
    for (const { name, version } of reply.resources) {
      const isRedundant = subscribed(name) && type.versions.get(name) === version && !mayRepeat(name);
      if (isRedundant) this.complaints.push(`${name} ${version} sent again`);
    }
    const bad = reply.resources.filter((resource) => this.#isRefused(resource.version));
    // After a rejection the server cannot know what is here: it may say anything of that response once more.
    for (const name of names) {
      if (bad.length > 0) type.inDoubt.add(name);
      else type.inDoubt.delete(name);
    }
    if (bad.length > 0 && this.#refusing === 'whole') return this.#answer(reply, 'Protobuf message has unknown fields');
    for (const { name, version } of reply.resources) {
      if (this.#isRefused(version) || !subscribed(name)) continue;
      type.live.set(name, version);
      if (bad.length === 0) type.versions.set(name, version);
      else type.versions.delete(name);
    }
    for (const name of reply.removed) {
      const isRedundant = !type.live.has(name) && !mayRepeat(name) && subscribed(name);
      if (isRedundant) this.complaints.push(`${name} removed again`);
      type.live.delete(name);
      type.versions.delete(name);
    }
    const list = bad.map((resource) => `${resource.name}: refused`).join(', ');
    return this.#answer(reply, bad.length === 0 ? undefined : `Error adding/updating cluster(s) ${list}`);
  }

  #answer(reply: Reply, error: string | undefined): DeltaRequest {
    return this.#request(reply.typeUrl, { nonce: reply.nonce, ...(error === undefined ? {} : { error }) });
  }

  #request(typeUrl: string, fields: Partial<DeltaRequest>): DeltaRequest {
    const node = { id: 'model', cluster: 'fleet', metadata: {}, userAgent: 'model', version: undefined };
    const request: DeltaRequest = {
      typeUrl,
      nonce: '',
      subscribe: [],
      unsubscribe: [],
      initialVersions: new Map(),
      ...(this.#isNodeSent ? {} : { node }),
      ...fields,
    };
    this.#isNodeSent = true;
    return request;
  }
}

function newType(wildcard: boolean): ClientType {
  return { wildcard, names: new Set(), versions: new Map(), live: new Map(), inDoubt: new Set() };
}
