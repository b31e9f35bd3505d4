import type { DeltaRequest, Reply } from '../../src/core/xds/stream.ts';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';

const TYPES = [TYPE_URL.cluster, TYPE_URL.endpoints, TYPE_URL.listener, TYPE_URL.route] as const;

/**
 * A proxy that warms its clusters as Envoy 1.40 does: it asks for the endpoints of a new cluster, uses a new or changed
 * cluster only once endpoints came for it, and acknowledges clusters only while none is warming. Routes are used at
 * once. The version of a route is the cluster that it leads to.
 */
export class WarmingClient {
  readonly versions = new Map<string, Map<string, string>>(TYPES.map((typeUrl) => [typeUrl, new Map()]));
  readonly live = new Set<string>();
  readonly #routes: readonly string[];
  readonly #warming = new Set<string>();
  #heldBack: DeltaRequest[] = [];

  constructor(routes: readonly string[]) {
    this.#routes = routes;
  }

  /** Routes that lead to a cluster that is not there: requests would fail. */
  brokenRoutes(): string[] {
    return [...(this.versions.get(TYPE_URL.route) ?? [])]
      .filter(([, cluster]) => !this.live.has(cluster))
      .map(([route, cluster]) => `${route} leads to ${cluster}`);
  }

  /** The first requests of a stream, in the order of `order`. */
  connect(order: readonly number[]): DeltaRequest[] {
    this.#heldBack = [];
    const clusters = [...(this.versions.get(TYPE_URL.cluster)?.keys() ?? [])];
    const names = new Map<string, readonly string[]>([
      [TYPE_URL.endpoints, clusters],
      [TYPE_URL.route, this.#routes],
    ]);
    const sorted = [...TYPES].sort(
      (left, right) => (order[TYPES.indexOf(left)] ?? 0) - (order[TYPES.indexOf(right)] ?? 0),
    );
    return sorted.map((typeUrl) => ({
      ...request(typeUrl, { subscribe: names.get(typeUrl) ?? [] }),
      initialVersions: new Map(this.versions.get(typeUrl)),
    }));
  }

  receive(reply: Reply): DeltaRequest[] {
    const versions = this.versions.get(reply.typeUrl) ?? new Map<string, string>();
    for (const { name, version } of reply.resources) versions.set(name, version);
    for (const name of reply.removed) versions.delete(name);
    const answer = request(reply.typeUrl, { nonce: reply.nonce });
    const names = reply.resources.map((resource) => resource.name);
    if (reply.typeUrl === TYPE_URL.cluster) return this.#takeClusters(names, reply.removed, answer);
    if (reply.typeUrl === TYPE_URL.endpoints) return [answer, ...this.#warm([...names, ...reply.removed])];
    return [answer];
  }

  /** `initial_fetch_timeout`: clusters that still wait for endpoints go live with those that they have. */
  fetchTimesOut(): DeltaRequest[] {
    return this.#warm([...this.#warming]);
  }

  #takeClusters(changed: readonly string[], removed: readonly string[], answer: DeltaRequest): DeltaRequest[] {
    const known = new Set([...this.live, ...this.#warming]);
    for (const name of changed) this.#warming.add(name);
    for (const name of removed) {
      this.live.delete(name);
      this.#warming.delete(name);
      this.versions.get(TYPE_URL.endpoints)?.delete(name);
    }
    const subscribe = changed.filter((name) => !known.has(name));
    const unsubscribe = removed.filter((name) => known.has(name));
    this.#heldBack.push(answer);
    const asks = subscribe.length + unsubscribe.length > 0;
    return [...(asks ? [request(TYPE_URL.endpoints, { subscribe, unsubscribe })] : []), ...this.#warm([])];
  }

  #warm(answered: readonly string[]): DeltaRequest[] {
    for (const name of answered) if (this.#warming.delete(name)) this.live.add(name);
    return this.#warming.size === 0 ? this.#heldBack.splice(0) : [];
  }
}

function request(typeUrl: string, fields: Partial<DeltaRequest>): DeltaRequest {
  return { typeUrl, nonce: '', subscribe: [], unsubscribe: [], initialVersions: new Map(), ...fields };
}
