import { OVER_ADS } from '../../src/core/envoy/ads.ts';
import { type EnvoyResource, envoyResource, extension } from '../../src/core/envoy/resource.ts';
import { secretResource } from '../../src/core/envoy/secret-resource.ts';
import { ClusterSchema } from '../../src/gen/envoy/config/cluster/v3/cluster_pb.js';
import { ClusterLoadAssignmentSchema } from '../../src/gen/envoy/config/endpoint/v3/endpoint_pb.js';
import { ListenerSchema } from '../../src/gen/envoy/config/listener/v3/listener_pb.js';
import { RouteConfigurationSchema } from '../../src/gen/envoy/config/route/v3/route_pb.js';
import { CredentialInjectorSchema } from '../../src/gen/envoy/extensions/filters/http/credential_injector/v3/credential_injector_pb.js';
import { RouterSchema } from '../../src/gen/envoy/extensions/filters/http/router/v3/router_pb.js';
import { UpstreamCodecSchema } from '../../src/gen/envoy/extensions/filters/http/upstream_codec/v3/upstream_codec_pb.js';
import { HttpConnectionManagerSchema } from '../../src/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js';
import { GenericSchema } from '../../src/gen/envoy/extensions/http/injected_credentials/generic/v3/generic_pb.js';
import { HttpProtocolOptionsSchema } from '../../src/gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.js';

const OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** A cluster with endpoints by EDS that sets a bearer token from SDS, and its endpoint. */
export function upstream(
  name: string,
  port: number,
  secret: string,
  connectTimeout: `${number}s` = '1s',
): EnvoyResource[] {
  const credential = {
    name: secretResource(secret, '').name,
    sdsConfig: OVER_ADS,
  };
  const injector = extension('inject', CredentialInjectorSchema, {
    overwrite: true,
    credential: extension('generic', GenericSchema, {
      credential,
      header: 'authorization',
      headerValuePrefix: 'Bearer ',
    }),
  });
  const protocol = {
    '@type': `type.googleapis.com/${HttpProtocolOptionsSchema.typeName}`,
    explicitHttpConfig: { httpProtocolOptions: {} },
    httpFilters: [injector, extension('codec', UpstreamCodecSchema, {})],
  };
  return [
    envoyResource(
      ClusterSchema,
      {
        name,
        type: 'EDS',
        connectTimeout,
        edsClusterConfig: { edsConfig: OVER_ADS },
        typedExtensionProtocolOptions: { [OPTIONS]: protocol },
      },
      [],
    ),
    envoyResource(
      ClusterLoadAssignmentSchema,
      {
        clusterName: name,
        endpoints: [{ lbEndpoints: [{ endpoint: { address: address(port) } }] }],
      },
      [],
    ),
  ];
}

export function listener(name: string, port: number, routes: string): EnvoyResource {
  const manager = extension('http', HttpConnectionManagerSchema, {
    statPrefix: name,
    rds: { routeConfigName: routes, configSource: OVER_ADS },
    httpFilters: [extension('router', RouterSchema, {})],
  });
  return envoyResource(ListenerSchema, { name, address: address(port), filterChains: [{ filters: [manager] }] }, []);
}

export function routesTo(name: string, cluster: string): EnvoyResource {
  const routes = [{ match: { prefix: '/' }, route: { cluster } }];
  return envoyResource(RouteConfigurationSchema, { name, virtualHosts: [{ name, domains: ['*'], routes }] }, []);
}

function address(portValue: number) {
  return { socketAddress: { address: '127.0.0.1', portValue } };
}
