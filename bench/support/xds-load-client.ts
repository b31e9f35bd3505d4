import { create, toBinary } from '@bufbuild/protobuf';
import { present } from '../../src/core/base/assert.ts';
import { framed, framePrefix } from '../../src/core/base/grpc-frame.ts';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import {
  DeltaDiscoveryRequestSchema,
  DiscoveryRequestSchema,
} from '../../src/gen/envoy/service/discovery/v3/discovery_pb.js';
import { H2Call } from './h2-call.ts';
import { ResponseScanner, type ScannedResponse } from './response-scanner.ts';
import { clusterName, ROUTE_TABLE } from './xds-fleet.ts';

/** Each variant's method of the aggregated service, and its first message: the node alone. */
const VARIANTS = {
  delta: {
    path: '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources',
    opening: (id: string, cluster: string) =>
      toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, { node: { id, cluster } })),
  },
  sotw: {
    path: '/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources',
    opening: (id: string, cluster: string) =>
      toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, { node: { id, cluster } })),
  },
};

export type LoadVariant = keyof typeof VARIANTS;

/** Versions by type URL and name, as a client that reconnects tells them. */
export type KeptVersions = ReadonlyMap<string, ReadonlyMap<string, string>>;

export interface LoadClientOptions {
  readonly port: number;
  readonly node: string;
  /** The cluster that the node says it is of; `bench` where left out. */
  readonly cluster?: string;
  readonly variant: LoadVariant;
  /** Of the state-of-the-world variant: what is asked for, which each ACK repeats. */
  readonly wanted: WantedNames;
  /** The requests after the first, which carries the node: equal for all clients, so made once (`openingRequests`). */
  readonly opening: readonly Buffer[];
  /** False for a client that asks and then never reads. */
  readonly reads: boolean;
  readonly onResponse: (response: ScannedResponse) => void;
  /** The same bytes unscanned, for a client that shall know more. */
  readonly onData?: (piece: Uint8Array) => void;
  readonly onClosed: () => void;
}

/** One proxy: one connection, one delta stream, an ACK at once for whatever comes. */
export class XdsLoadClient {
  readonly #call: H2Call;

  constructor(options: LoadClientOptions) {
    const scanner = new ResponseScanner((response) => {
      this.#call.send(acknowledgement(response, options.variant, options.wanted));
      options.onResponse(response);
    });
    this.#call = new H2Call({
      port: options.port,
      path: VARIANTS[options.variant].path,
      onData: (piece) => {
        options.onData?.(piece);
        scanner.feed(piece);
      },
      onClosed: options.onClosed,
    });
    const node = VARIANTS[options.variant].opening(options.node, options.cluster ?? 'bench');
    const [first, ...rest] = options.opening;
    const shared = present(first, 'a first request');
    // Fields of a message may come in parts: the node, and then the request that all clients share.
    this.#call.send(Buffer.concat([framePrefix(node.length + shared.length), node]));
    this.#call.send(shared);
    for (const request of rest) {
      this.#call.send(Buffer.from(framePrefix(request.length)));
      this.#call.send(request);
    }
    if (!options.reads) this.#call.stopReading();
  }

  close(): void {
    this.#call.destroy();
  }
}

/** Names by type URL, none for a wildcard. */
export type WantedNames = ReadonlyMap<string, readonly string[]>;

/** What the clients of a fleet of so many clusters ask for. */
export function wantedNames(clusters: number): WantedNames {
  const wildcards: (readonly [string, readonly string[]])[] = [
    [TYPE_URL.cluster, []],
    [TYPE_URL.listener, []],
  ];
  if (clusters === 0) return new Map(wildcards);
  const names = Array.from({ length: clusters }, (_, index) => clusterName(index));
  return new Map([...wildcards, [TYPE_URL.endpoints, names], [TYPE_URL.route, [ROUTE_TABLE]]]);
}

function sotwRequest(typeUrl: string, resourceNames: readonly string[], responseNonce: string): Buffer {
  const message = create(DiscoveryRequestSchema, { typeUrl, resourceNames: [...resourceNames], responseNonce });
  return Buffer.from(toBinary(DiscoveryRequestSchema, message));
}

/** CDS and LDS wildcard, EDS and RDS by name in one request each, without node. Only the wildcards where `clusters` is 0. */
export function openingRequests(
  wanted: WantedNames,
  variant: LoadVariant = 'delta',
  kept: KeptVersions = new Map(),
): Buffer[] {
  return [...wanted].map(([typeUrl, resourceNamesSubscribe]) => {
    if (variant === 'sotw') return sotwRequest(typeUrl, resourceNamesSubscribe, '');
    const initialResourceVersions = Object.fromEntries(kept.get(typeUrl) ?? []);
    const message = { typeUrl, resourceNamesSubscribe: [...resourceNamesSubscribe], initialResourceVersions };
    return Buffer.from(toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, message)));
  });
}

const acknowledgements = new Map<string, Buffer>();

/** Made once for each type and nonce where many clients get the same nonce. */
function acknowledgement({ typeUrl, nonce }: ScannedResponse, variant: LoadVariant, wanted: WantedNames): Buffer {
  const key = `${variant} ${typeUrl} ${nonce}`;
  const known = acknowledgements.get(key);
  if (known !== undefined) return known;
  const message =
    variant === 'sotw'
      ? sotwRequest(typeUrl, wanted.get(typeUrl) ?? [], nonce)
      : toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, { typeUrl, responseNonce: nonce }));
  const bytes = Buffer.from(framed(message));
  if (acknowledgements.size > 10_000) acknowledgements.clear();
  acknowledgements.set(key, bytes);
  return bytes;
}
