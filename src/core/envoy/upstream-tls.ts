import type { DataSourceJson, TransportSocketJson } from '../../gen/envoy/config/core/v3/base_pb.js';
import type { SubjectAltNameMatcherJson } from '../../gen/envoy/extensions/transport_sockets/tls/v3/common_pb.js';
import { UpstreamTlsContextSchema } from '../../gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.js';
import { present } from '../base/assert.ts';
import type { Provider } from '../ir/upstream.ts';
import { extension } from './resource.ts';
import { isIpAddress, withoutBrackets } from './socket-address.ts';

/** Certificates that the proxies trust: a PEM file on the proxy's machine, or the PEM text itself. */
export type Authority = { readonly path: string } | { readonly pem: string };

/** From the boot settings. */
export interface Authorities {
  /** For providers that name none. */
  readonly system: Authority;
  readonly named: Readonly<Record<string, Authority>>;
}

/** TLS to a provider. It always verifies: the certificate's chain, and that it was made for the endpoint's host. */
export function upstreamTls(provider: Provider, authorities: Authorities): TransportSocketJson {
  const host = withoutBrackets(provider.endpoint.host);
  return extension('envoy.transport_sockets.tls', UpstreamTlsContextSchema, {
    ...(isIpAddress(host) ? {} : { sni: host }),
    commonTlsContext: {
      tlsParams: { tlsMinimumProtocolVersion: 'TLSv1_2' },
      alpnProtocols: ['http/1.1'],
      validationContext: {
        trustedCa: trustedCertificates(provider, authorities),
        matchTypedSubjectAltNames: [madeFor(host)],
      },
    },
  });
}

function madeFor(host: string): SubjectAltNameMatcherJson {
  return { sanType: isIpAddress(host) ? 'IP_ADDRESS' : 'DNS', matcher: { exact: host } };
}

function trustedCertificates(provider: Provider, authorities: Authorities): DataSourceJson {
  const { authority } = provider;
  const chosen =
    authority === undefined ? authorities.system : present(authorities.named[authority], `authority ${authority}`);
  return 'path' in chosen ? { filename: chosen.path } : { inlineString: chosen.pem };
}
