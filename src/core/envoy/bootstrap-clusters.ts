import type { ClusterJson } from '../../gen/envoy/config/cluster/v3/cluster_pb.js';
import type { AddressJson } from '../../gen/envoy/config/core/v3/address_pb.js';
import type { Http2ProtocolOptionsJson } from '../../gen/envoy/config/core/v3/protocol_pb.js';
import { HttpProtocolOptionsSchema } from '../../gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.js';
import { clientTls, type ServerTls } from './client-tls.ts';
import { XDS_CLUSTER } from './names.ts';
import { packed, seconds } from './resource.ts';
import { isIpAddress, socketAddress, withoutBrackets } from './socket-address.ts';

/** A place to connect to or to listen on: TCP, or a Unix socket. */
export type SocketPlace = { readonly host: string; readonly port: number } | { readonly pipe: string };

/** A server of ours, as a proxy reaches it. Without `tls` only over loopback or a Unix socket: secrets travel there. */
export interface ServerPlace {
  readonly at: SocketPlace;
  readonly tls?: ServerTls;
}

const CONNECT_TIMEOUT_MS = 1_000;

/** A control plane that fell silent is noticed after the sum of the two. */
const KEEPALIVE_INTERVAL_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 5_000;

/** The stream that brings everything else. */
export function xdsCluster(server: ServerPlace): ClusterJson {
  return {
    ...grpcCluster(XDS_CLUSTER, server),
    typedExtensionProtocolOptions: http2({
      connectionKeepalive: { interval: seconds(KEEPALIVE_INTERVAL_MS), timeout: seconds(KEEPALIVE_TIMEOUT_MS) },
    }),
  };
}

/** A cluster of the one server at a place. */
export function grpcCluster(name: string, server: ServerPlace): ClusterJson {
  const { at } = server;
  const needsDns = !('pipe' in at) && !isIpAddress(withoutBrackets(at.host));
  return {
    name,
    type: needsDns ? 'STRICT_DNS' : 'STATIC',
    ...(needsDns ? { dnsLookupFamily: 'V4_PREFERRED' as const } : {}),
    ...connecting(server),
    loadAssignment: {
      clusterName: name,
      endpoints: [{ lbEndpoints: [{ endpoint: { address: placeAddress(at) } }] }],
    },
  };
}

/** How to connect to servers of ours. */
export function connecting({ tls }: Pick<ServerPlace, 'tls'>): ClusterJson {
  return {
    connectTimeout: seconds(CONNECT_TIMEOUT_MS),
    ...(tls === undefined ? {} : { transportSocket: clientTls(tls) }),
  };
}

export function http2(options: Http2ProtocolOptionsJson): NonNullable<ClusterJson['typedExtensionProtocolOptions']> {
  return {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': packed(HttpProtocolOptionsSchema, {
      explicitHttpConfig: { http2ProtocolOptions: options },
    }),
  };
}

export function placeAddress(place: SocketPlace): AddressJson {
  return 'pipe' in place ? { pipe: { path: place.pipe } } : socketAddress(place.host, place.port);
}
