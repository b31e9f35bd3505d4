import { isFullState } from '../../src/core/xds/full-state.ts';
import type { Reply, SotwRequest } from '../../src/core/xds/stream.ts';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import type { Refusing } from './xds-model-client.ts';

interface ClientType {
  names: readonly string[];
  /** Of the last response that it saw on this stream. */
  nonce: string;
  /** Of the last response that it accepted. */
  version: string;
  readonly live: Map<string, string>;
  /** Names that the server may tell once more: asked for anew, or part of something refused. */
  readonly open: Set<string>;
  /** Names that were gone at some time. */
  readonly gone: Set<string>;
  /** Responses without news that are due all the same: one for each time that names were asked for. */
  due: number;
}

/** Responses of clusters that may be out at one time. */
const UNDER_WAY_MAX = 4;

/** A proxy's side of the state-of-the-world variant, as Envoy 1.40 behaves. */
export class SotwModelClient {
  readonly types = new Map<string, ClientType>();
  readonly complaints: string[] = [];
  readonly #refusing: Refusing;

  constructor(refusing: Refusing) {
    this.#refusing = refusing;
  }

  /** Wants these names from now on; who wanted all from the start goes on to do so. */
  want(typeUrl: string, names: readonly string[]): SotwRequest {
    const known = this.types.get(typeUrl);
    const type = known ?? newType();
    this.types.set(typeUrl, type);
    const isWildcard = known !== undefined && known.names.length === 0;
    const wanted = isWildcard ? [] : names;
    const fresh = wanted.filter((name) => !type.names.includes(name));
    for (const name of fresh) type.open.add(name);
    if (fresh.length > 0) type.due += 1;
    // Responses about names that are left may be under way.
    if (type.names.some((name) => !wanted.includes(name))) type.due += UNDER_WAY_MAX;
    type.names = wanted;
    if (wanted.length > 0) for (const name of type.live.keys()) if (!wanted.includes(name)) type.live.delete(name);
    return this.#request(typeUrl, type);
  }

  reconnect(): SotwRequest[] {
    for (const type of this.types.values()) {
      type.nonce = '';
      type.due += 1;
      for (const name of [...type.names, ...type.live.keys()]) type.open.add(name);
    }
    return [...this.types].map(([typeUrl, type]) => this.#request(typeUrl, type));
  }

  /** What a type no longer has: where responses are partial nobody tells, so it is told once more if it comes back. */
  gone(typeUrl: string, names: readonly string[]): void {
    const type = this.types.get(typeUrl);
    if (type !== undefined && !isFullState(typeUrl)) for (const name of names) type.gone.add(name);
  }

  receive(reply: Reply): SotwRequest {
    const { typeUrl } = reply;
    const type = this.types.get(typeUrl) ?? newType();
    type.nonce = reply.nonce;
    const wanted = reply.resources.filter(({ name }) => type.names.length === 0 || type.names.includes(name));
    this.#findFaults(type, reply, wanted);
    const bad = wanted.filter(({ version }) => version === 'v4');
    if (bad.length === 0 || this.#refusing === 'named') apply(type, typeUrl, wanted);
    if (typeUrl === TYPE_URL.cluster) this.#reopenEndpoints(reply.resources.map(({ name }) => name));
    if (bad.length === 0) {
      type.version = reply.systemVersion;
      for (const { name } of wanted) type.open.delete(name);
      return this.#request(typeUrl, type);
    }
    // What is said of these later may be nothing new: each of them may come in a response of its own, or go.
    for (const { name } of wanted) type.open.add(name);
    type.due += wanted.length;
    const list = bad.map(({ name }) => `${name}: refused`).join(', ');
    const error = this.#refusing === 'whole' ? 'unknown fields' : `Error adding/updating cluster(s) ${list}`;
    return { ...this.#request(typeUrl, type), error };
  }

  #findFaults(type: ClientType, { typeUrl, resources }: Reply, wanted: Reply['resources']): void {
    if (new Set(resources.map(({ name }) => name)).size < resources.length) {
      this.complaints.push(`duplicate name in a response of ${typeUrl}`);
    }
    const isNews = ({ name, version }: Reply['resources'][number]) =>
      type.live.get(name) !== version || type.open.has(name) || type.gone.has(name);
    const isGone = isFullState(typeUrl) && wanted.length < type.live.size;
    if (!isGone && !wanted.some(isNews)) type.due -= 1;
    if (type.due < 0) this.complaints.push(`${typeUrl} sent in vain`);
    if (isFullState(typeUrl)) return;
    for (const each of wanted) if (!isNews(each)) this.complaints.push(`${each.name} ${each.version} sent again`);
  }

  /** A changed cluster needs its endpoints once more (row O3). */
  #reopenEndpoints(names: readonly string[]): void {
    const endpoints = this.types.get(TYPE_URL.endpoints);
    for (const name of names) endpoints?.open.add(name);
  }

  #request(typeUrl: string, { names, nonce, version }: ClientType): SotwRequest {
    return { typeUrl, nonce, names, version };
  }
}

function newType(): ClientType {
  return { names: [], nonce: '', version: '', live: new Map(), open: new Set(), gone: new Set(), due: 1 };
}

function apply(type: ClientType, typeUrl: string, wanted: Reply['resources']): void {
  const told = new Set(wanted.map(({ name }) => name));
  if (isFullState(typeUrl)) for (const name of type.live.keys()) if (!told.has(name)) type.live.delete(name);
  for (const { name, version } of wanted) if (version !== 'v4') type.live.set(name, version);
}
