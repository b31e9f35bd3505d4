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
    this.#findFaults(type, reply, asked);
    const bad = reply.resources.filter((resource) => this.#isRefused(resource.version));
    // After a rejection the server cannot know what is here: it may say anything of that response once more.
    for (const name of namesIn(reply)) {
      if (bad.length > 0) type.inDoubt.add(name);
      else type.inDoubt.delete(name);
    }
    if (bad.length > 0 && this.#refusing === 'whole') return this.#answer(reply, 'Protobuf message has unknown fields');
    this.#apply(type, reply, bad.length === 0);
    const list = bad.map((resource) => `${resource.name}: refused`).join(', ');
    return this.#answer(reply, bad.length === 0 ? undefined : `Error adding/updating cluster(s) ${list}`);
  }

  #findFaults(type: ClientType, reply: Reply, asked: ReadonlySet<string>): void {
    const names = namesIn(reply);
    if (new Set(names).size < names.length) this.complaints.push(`duplicate name in ${names}`);
    const isNews = (name: string) => !isSubscribed(type, name) || asked.has(name) || type.inDoubt.has(name);
    for (const { name, version } of reply.resources) {
      if (type.versions.get(name) === version && !isNews(name)) this.complaints.push(`${name} ${version} sent again`);
    }
    for (const name of reply.removed) {
      if (!type.live.has(name) && !isNews(name)) this.complaints.push(`${name} removed again`);
    }
  }

  #apply(type: ClientType, reply: Reply, isAccepted: boolean): void {
    for (const { name, version } of reply.resources) {
      if (this.#isRefused(version) || !isSubscribed(type, name)) continue;
      type.live.set(name, version);
      if (isAccepted) type.versions.set(name, version);
      else type.versions.delete(name);
    }
    for (const name of reply.removed) {
      type.live.delete(name);
      type.versions.delete(name);
    }
  }

  #answer(reply: Reply, error: string | undefined): DeltaRequest {
    return this.#request(reply.typeUrl, { nonce: reply.nonce, ...(error === undefined ? {} : { error }) });
  }

  #request(typeUrl: string, fields: Partial<DeltaRequest>): DeltaRequest {
    const request: DeltaRequest = {
      typeUrl,
      nonce: '',
      subscribe: [],
      unsubscribe: [],
      initialVersions: new Map(),
      ...fields,
    };
    return request;
  }
}

function newType(wildcard: boolean): ClientType {
  return { wildcard, names: new Set(), versions: new Map(), live: new Map(), inDoubt: new Set() };
}

function isSubscribed(type: ClientType, name: string): boolean {
  return type.wildcard || type.names.has(name);
}

function namesIn(reply: Reply): string[] {
  return [...reply.resources.map((resource) => resource.name), ...reply.removed];
}
