import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { Client, type ClientDuplexStream, credentials, type ServiceError } from '@grpc/grpc-js';
import { present } from '../../src/core/base/assert.ts';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import type { NodeSchema } from '../../src/gen/envoy/config/core/v3/base_pb.js';
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from '../../src/gen/envoy/service/discovery/v3/discovery_pb.js';
import { nameIn as nameOf } from '../support/adapter-resource.ts';

/** How a client speaks: the variant of the protocol, and on one stream for all types or one for each. */
export interface Manner {
  readonly name: string;
  readonly isDelta: boolean;
  readonly isAggregated: boolean;
}

export const MANNERS: readonly Manner[] = [
  { name: 'sotw, aggregated', isDelta: false, isAggregated: true },
  { name: 'sotw, separate', isDelta: false, isAggregated: false },
  { name: 'delta, aggregated', isDelta: true, isAggregated: true },
  { name: 'delta, separate', isDelta: true, isAggregated: false },
];

/** A response in terms of both variants. */
export interface Answer {
  readonly typeUrl: string;
  readonly version: string;
  readonly nonce: string;
  /** By name: the encoded resource. */
  readonly resources: ReadonlyMap<string, Uint8Array>;
  readonly removed: readonly string[];
}

/** The package, the service and the ending of its methods, by type. */
const SERVICES = new Map<string, readonly [string, string, string]>([
  [TYPE_URL.listener, ['listener', 'ListenerDiscoveryService', 'Listeners']],
  [TYPE_URL.route, ['route', 'RouteDiscoveryService', 'Routes']],
  [TYPE_URL.scopedRoute, ['route', 'ScopedRoutesDiscoveryService', 'ScopedRoutes']],
  [TYPE_URL.virtualHost, ['route', 'VirtualHostDiscoveryService', 'VirtualHosts']],
  [TYPE_URL.cluster, ['cluster', 'ClusterDiscoveryService', 'Clusters']],
  [TYPE_URL.endpoints, ['endpoint', 'EndpointDiscoveryService', 'Endpoints']],
  [TYPE_URL.secret, ['secret', 'SecretDiscoveryService', 'Secrets']],
  ['type.googleapis.com/envoy.service.runtime.v3.Runtime', ['runtime', 'RuntimeDiscoveryService', 'Runtime']],
  [TYPE_URL.extension, ['extension', 'ExtensionConfigDiscoveryService', 'ExtensionConfigs']],
]);

export const SERVICE_TYPES = [...SERVICES.keys()];

interface Open {
  readonly call: ClientDuplexStream<Buffer, Buffer>;
  readonly ended: Promise<ServiceError>;
  isNodeSent: boolean;
}

type Node = MessageInitShape<typeof NodeSchema>;
/** Fields of a request, by their names. */
type Fields = Readonly<Record<string, unknown>>;

/** A client that does what it is told, over real sockets, on one connection. */
export class DiscoveryClient {
  readonly #client: Client;
  readonly #manner: Manner;
  readonly #node: Node;
  readonly #open = new Map<string, Open>();
  readonly #arrived: Answer[] = [];
  readonly #waiting: ((answer: Answer) => void)[] = [];
  readonly #names = new Map<string, readonly string[]>();
  readonly #nonces = new Map<string, string>();

  constructor(target: string, manner: Manner, node: Node) {
    this.#client = new Client(target, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
    this.#manner = manner;
    this.#node = node;
  }

  /** Asks for these names, for all without any; where names were asked for before, for these beside them. */
  subscribe(typeUrl: string, names: readonly string[] = []): void {
    if (this.#manner.isDelta) this.#delta(typeUrl, { resourceNamesSubscribe: [...names] });
    else this.want(typeUrl, [...(this.#names.get(typeUrl) ?? []), ...names]);
  }

  unsubscribe(typeUrl: string, names: readonly string[]): void {
    if (this.#manner.isDelta) this.#delta(typeUrl, { resourceNamesUnsubscribe: [...names] });
    else {
      const rest = (this.#names.get(typeUrl) ?? []).filter((name) => !names.includes(name));
      // Conformance programs say "nothing" so.
      this.want(typeUrl, rest.length === 0 ? [''] : rest);
    }
  }

  /** State of the world: all names that are wanted. */
  want(typeUrl: string, names: readonly string[]): void {
    this.#names.set(typeUrl, names);
    this.#sotw(typeUrl, { responseNonce: this.#nonces.get(typeUrl) ?? '' });
  }

  /** The next response on any stream. */
  next(): Promise<Answer> {
    const arrived = this.#arrived.shift();
    if (arrived !== undefined) return Promise.resolve(arrived);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  answer({ typeUrl, nonce, version }: Answer, error?: string): void {
    const errorDetail = error === undefined ? {} : { errorDetail: { code: 13, message: error } };
    if (this.#manner.isDelta) this.#delta(typeUrl, { responseNonce: nonce, ...errorDetail });
    else this.#sotw(typeUrl, { responseNonce: nonce, versionInfo: version, ...errorDetail });
  }

  /** The next response, acknowledged. */
  async accept(): Promise<Answer> {
    const answer = await this.next();
    this.answer(answer);
    return answer;
  }

  /** Waits until the server has dealt with all that was sent, and tells what came that nobody took. */
  async leftover(): Promise<readonly Answer[]> {
    // An answer to a later call on the same connection comes after what the server had to say before it.
    for (let count = 0; count < 2; count += 1) {
      await new Promise<void>((resolve) => {
        const pass = (bytes: Buffer) => bytes;
        this.#client.makeUnaryRequest('/a.Service/Unknown', pass, pass, Buffer.alloc(0), () => resolve());
      });
    }
    return this.#arrived.splice(0);
  }

  /** The status with which the stream of a type ends. */
  ended(typeUrl: string): Promise<ServiceError> {
    return this.#streamOf(typeUrl).ended;
  }

  halfClose(typeUrl: string): void {
    this.#streamOf(typeUrl).call.end();
  }

  /** A request with the type's stream, whatever it says. */
  sendDelta(service: string, fields: Fields): void {
    const bytes = toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, fields as never));
    this.#streamOf(service).call.write(Buffer.from(bytes));
  }

  sendSotw(service: string, fields: Fields): void {
    const bytes = toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, fields as never));
    this.#streamOf(service).call.write(Buffer.from(bytes));
  }

  close(): void {
    for (const { call } of this.#open.values()) call.cancel();
    this.#client.close();
  }

  #delta(typeUrl: string, fields: Fields): void {
    this.sendDelta(typeUrl, { typeUrl, ...this.#firstNode(typeUrl), ...fields });
  }

  #sotw(typeUrl: string, fields: Fields): void {
    const resourceNames = [...(this.#names.get(typeUrl) ?? [])];
    this.sendSotw(typeUrl, { typeUrl, resourceNames, ...this.#firstNode(typeUrl), ...fields });
  }

  #firstNode(typeUrl: string): { node?: Node } {
    const stream = this.#streamOf(typeUrl);
    if (stream.isNodeSent) return {};
    stream.isNodeSent = true;
    return { node: this.#node };
  }

  #streamOf(typeUrl: string): Open {
    const path = pathOf(typeUrl, this.#manner);
    const known = this.#open.get(path);
    if (known !== undefined) return known;
    const pass = (bytes: Buffer) => bytes;
    const call = this.#client.makeBidiStreamRequest(path, pass, pass);
    const ended = new Promise<ServiceError>((resolve) => {
      call.on('error', resolve);
      call.on('status', (status) => resolve(status as ServiceError));
    });
    call.on('data', (bytes: Buffer) => this.#take(this.#manner.isDelta ? deltaAnswer(bytes) : sotwAnswer(bytes)));
    const open = { call, ended, isNodeSent: false };
    this.#open.set(path, open);
    return open;
  }

  #take(answer: Answer): void {
    this.#nonces.set(answer.typeUrl, answer.nonce);
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#arrived.push(answer);
    else waiting(answer);
  }
}

function pathOf(typeUrl: string, { isDelta, isAggregated }: Manner): string {
  const start = isDelta ? 'Delta' : 'Stream';
  if (isAggregated) return `/envoy.service.discovery.v3.AggregatedDiscoveryService/${start}AggregatedResources`;
  const [folder, service, ending] = present(SERVICES.get(typeUrl), `the service of ${typeUrl}`);
  return `/envoy.service.${folder}.v3.${service}/${start}${ending}`;
}

function deltaAnswer(bytes: Uint8Array): Answer {
  const message = fromBinary(DeltaDiscoveryResponseSchema, bytes);
  return {
    typeUrl: message.typeUrl,
    version: message.systemVersionInfo,
    nonce: message.nonce,
    resources: new Map(message.resources.map(({ name, resource }) => [name, new Uint8Array(resource?.value ?? [])])),
    removed: message.removedResources,
  };
}

function sotwAnswer(bytes: Uint8Array): Answer {
  const message = fromBinary(DiscoveryResponseSchema, bytes);
  return {
    typeUrl: message.typeUrl,
    version: message.versionInfo,
    nonce: message.nonce,
    resources: new Map(message.resources.map(({ value }) => [nameOf(value), new Uint8Array(value)])),
    removed: [],
  };
}
