import type { ClusterJson } from '../../gen/envoy/config/cluster/v3/cluster_pb.js';
import { ClusterSchema } from '../../gen/envoy/config/cluster/v3/cluster_pb.js';
import type { AddressJson } from '../../gen/envoy/config/core/v3/address_pb.js';
import { CredentialInjectorSchema } from '../../gen/envoy/extensions/filters/http/credential_injector/v3/credential_injector_pb.js';
import type { HttpFilterJson } from '../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js';
import { GenericSchema } from '../../gen/envoy/extensions/http/injected_credentials/generic/v3/generic_pb.js';
import { assert } from '../base/assert.ts';
import { hopCluster, type Provider, providerCluster } from '../ir/upstream.ts';
import { HEADER, NAMESPACE } from '../ir/wire-names.ts';
import { OVER_ADS } from './ads.ts';
import { CREDENTIAL_HEADERS } from './credential-headers.ts';
import { FILTER, PROVIDERS_LISTENER, REFUSE_CLUSTER, secretResourceName } from './names.ts';
import { type EnvoyResource, envoyResource, extension } from './resource.ts';
import { isIpAddress, socketAddress } from './socket-address.ts';
import { headersFilter, upstreamCluster, usageFilter } from './upstream-cluster.ts';
import { type Authorities, upstreamTls } from './upstream-tls.ts';

const HOP_CONNECT_TIMEOUT_MS = 1_000;
/** Inside the process: nothing on the way closes it. */
const HOP_IDLE_TIMEOUT_MS = 3_600_000;

/** TCP and TLS over the internet. */
const PROVIDER_CONNECT_TIMEOUT_MS = 5_000;
/** Load balancers on the internet keep idle connections for a minute at least. */
const PROVIDER_IDLE_TIMEOUT_MS = 50_000;

/** The hop and the cluster of a provider. */
export function providerResources(provider: Provider, authorities: Authorities): EnvoyResource[] {
  return [
    envoyResource(ClusterSchema, hop(provider), [provider.origin]),
    envoyResource(ClusterSchema, own(provider, authorities), [provider.origin]),
  ];
}

/** Where a request goes whose decision brought no attempts. */
export function refuseResource(): EnvoyResource {
  const cluster: ClusterJson = {
    name: REFUSE_CLUSTER,
    type: 'STATIC',
    ...upstreamCluster({ connectTimeoutMs: HOP_CONNECT_TIMEOUT_MS, idleTimeoutMs: HOP_IDLE_TIMEOUT_MS, filters: [] }),
    loadAssignment: oneEndpoint(REFUSE_CLUSTER, socketAddress('127.0.0.1', 1)),
  };
  return envoyResource(ClusterSchema, cluster, []);
}

/**
 * The way to the inner listener, without a secret: header changes of attempts add up, so a key set here would reach the
 * next provider. Usage is read here, since metadata does not cross the inner listener.
 */
function hop(provider: Provider): ClusterJson {
  const name = hopCluster(provider.name);
  const set = (key: string, value: string) => ({
    append: { header: { key, value }, appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' as const },
  });
  const headers = headersFilter([
    ...CREDENTIAL_HEADERS.map((remove) => ({ remove })),
    set(HEADER.provider, provider.name),
    set(HEADER.adapt, `%DYNAMIC_METADATA(${NAMESPACE.hop}:${name})%`),
    set(HEADER.decision, `%DYNAMIC_METADATA(${NAMESPACE.hop}:id)%`),
  ]);
  return {
    name,
    type: 'STATIC',
    ...upstreamCluster({
      connectTimeoutMs: HOP_CONNECT_TIMEOUT_MS,
      idleTimeoutMs: HOP_IDLE_TIMEOUT_MS,
      filters: [headers, usageFilter()],
    }),
    loadAssignment: oneEndpoint(name, {
      envoyInternalAddress: { serverListenerName: PROVIDERS_LISTENER, endpointId: provider.name },
    }),
  };
}

function own(provider: Provider, authorities: Authorities): ClusterJson {
  const name = providerCluster(provider.name);
  const { host, port, scheme } = provider.endpoint;
  assert(scheme === 'https' || provider.secret === undefined, `provider ${provider.name} would send a key without TLS`);
  return {
    name,
    type: isIpAddress(host) ? 'STATIC' : 'STRICT_DNS',
    ...(isIpAddress(host) ? {} : { dnsLookupFamily: 'V4_PREFERRED' as const }),
    ...upstreamCluster({
      connectTimeoutMs: PROVIDER_CONNECT_TIMEOUT_MS,
      idleTimeoutMs: PROVIDER_IDLE_TIMEOUT_MS,
      filters: provider.secret === undefined ? [] : [keyFilter(provider, provider.secret)],
    }),
    ...(scheme === 'https' ? { transportSocket: upstreamTls(provider, authorities) } : {}),
    loadAssignment: oneEndpoint(name, socketAddress(host, port)),
  };
}

/** Writes the provider's key into its header. Without a key (missing or revoked) it answers 401 by itself. */
function keyFilter(provider: Provider, secret: string): HttpFilterJson {
  return extension(FILTER.key, CredentialInjectorSchema, {
    overwrite: true,
    credential: extension('envoy.http.injected_credentials.generic', GenericSchema, {
      header: provider.authentication.header,
      headerValuePrefix: provider.authentication.prefix,
      credential: { name: secretResourceName(secret), sdsConfig: OVER_ADS },
    }),
  });
}

function oneEndpoint(clusterName: string, address: AddressJson): NonNullable<ClusterJson['loadAssignment']> {
  return { clusterName, endpoints: [{ lbEndpoints: [{ endpoint: { address } }] }] };
}
