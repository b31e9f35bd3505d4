import type { TransportSocketJson } from '../../gen/envoy/config/core/v3/base_pb.js';
import { type SecretJson, SecretSchema } from '../../gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.js';
import type { CommonTlsContextJson } from '../../gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.js';
import { UpstreamTlsContextSchema } from '../../gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.js';
import { extension, packed } from './resource.ts';
import { isIpAddress } from './socket-address.ts';

/** Mutual TLS: PEM files on the proxy's machine, and the name that the server's certificate must carry. */
export interface ServerTls {
  readonly authorityPath: string;
  readonly certificatePath: string;
  readonly keyPath: string;
  /** A DNS name or an IP address. */
  readonly serverName: string;
  /** The files of `secretFiles`, through which Envoy reads the PEM files again; without them it reads them once. */
  readonly secretFiles?: SecretPaths;
}

export interface SecretPaths {
  readonly certificate: string;
  readonly authority: string;
}

const CERTIFICATE = 'headgate_certificate';
const AUTHORITY = 'headgate_authority';

/** The proxy's side of a connection to headgate. */
export function clientTls(tls: ServerTls): TransportSocketJson {
  const isAddress = isIpAddress(tls.serverName);
  return extension('envoy.transport_sockets.tls', UpstreamTlsContextSchema, {
    ...(isAddress ? {} : { sni: tls.serverName }),
    commonTlsContext: {
      tlsParams: { tlsMinimumProtocolVersion: 'TLSv1_3', tlsMaximumProtocolVersion: 'TLSv1_3' },
      alpnProtocols: ['h2'],
      ...(tls.secretFiles === undefined ? readOnce(tls) : readAgain(tls.secretFiles)),
    },
  });
}

function readOnce(tls: ServerTls): CommonTlsContextJson {
  const { tlsCertificate, validationContext } = secrets(tls);
  return { tlsCertificates: [tlsCertificate], validationContext };
}

function readAgain(paths: SecretPaths): CommonTlsContextJson {
  const from = (name: string, path: string) => ({
    name,
    sdsConfig: { pathConfigSource: { path }, resourceApiVersion: 'V3' as const },
  });
  return {
    tlsCertificateSdsSecretConfigs: [from(CERTIFICATE, paths.certificate)],
    validationContextSdsSecretConfig: from(AUTHORITY, paths.authority),
  };
}

/**
 * What stands in the files of `secretFiles` (xDS over files: a DiscoveryResponse). Envoy looks at the folders of the PEM
 * files, and takes a pair when one is moved into its place: what `mv` does, and what Kubernetes does with a Secret.
 */
export function secretFiles(tls: ServerTls): { readonly certificate: object; readonly authority: object } {
  const { tlsCertificate, validationContext } = secrets(tls);
  const certificateFolder = { watchedDirectory: { path: folderOf(tls.certificatePath) } };
  const authorityFolder = { watchedDirectory: { path: folderOf(tls.authorityPath) } };
  return {
    certificate: response({ name: CERTIFICATE, tlsCertificate: { ...tlsCertificate, ...certificateFolder } }),
    authority: response({ name: AUTHORITY, validationContext: { ...validationContext, ...authorityFolder } }),
  };
}

function secrets(tls: ServerTls) {
  const sanType = isIpAddress(tls.serverName) ? ('IP_ADDRESS' as const) : ('DNS' as const);
  return {
    tlsCertificate: { certificateChain: { filename: tls.certificatePath }, privateKey: { filename: tls.keyPath } },
    validationContext: {
      trustedCa: { filename: tls.authorityPath },
      matchTypedSubjectAltNames: [{ sanType, matcher: { exact: tls.serverName } }],
    },
  };
}

function response(secret: SecretJson): object {
  return { resources: [packed(SecretSchema, secret)] };
}

function folderOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end === -1 ? '.' : path.slice(0, Math.max(end, 1));
}
