import { expect, test } from 'vitest';
import { clientTls, secretFiles } from './client-tls.ts';

const TLS = {
  authorityPath: '/etc/headgate/tls/ca.crt',
  certificatePath: '/etc/headgate/tls/tls.crt',
  keyPath: 'tls.key',
  serverName: 'headgate.example.com',
};
const TYPE = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3';
const EVERY = {
  tlsParams: { tlsMinimumProtocolVersion: 'TLSv1_3', tlsMaximumProtocolVersion: 'TLSv1_3' },
  alpnProtocols: ['h2'],
};
const PAIR = { certificateChain: { filename: TLS.certificatePath }, privateKey: { filename: 'tls.key' } };
const validation = (sanType: string, exact: string) => ({
  trustedCa: { filename: TLS.authorityPath },
  matchTypedSubjectAltNames: [{ sanType, matcher: { exact } }],
});

test('files in the bootstrap are read once', () => {
  expect(clientTls(TLS)).toEqual({
    name: 'envoy.transport_sockets.tls',
    typedConfig: {
      '@type': `${TYPE}.UpstreamTlsContext`,
      sni: 'headgate.example.com',
      commonTlsContext: {
        ...EVERY,
        tlsCertificates: [PAIR],
        validationContext: validation('DNS', 'headgate.example.com'),
      },
    },
  });
});

test('a server at an address shows the address', () => {
  const { typedConfig } = clientTls({ ...TLS, serverName: '10.0.0.5' });
  expect(typedConfig).toEqual({
    '@type': `${TYPE}.UpstreamTlsContext`,
    commonTlsContext: { ...EVERY, tlsCertificates: [PAIR], validationContext: validation('IP_ADDRESS', '10.0.0.5') },
  });
});

test('through files of secrets they are read again', () => {
  const paths = { certificate: '/edge/certificate.json', authority: '/edge/authority.json' };
  const from = (name: string, path: string) => ({
    name,
    sdsConfig: { pathConfigSource: { path }, resourceApiVersion: 'V3' },
  });
  expect(clientTls({ ...TLS, secretFiles: paths }).typedConfig).toMatchObject({
    commonTlsContext: {
      ...EVERY,
      tlsCertificateSdsSecretConfigs: [from('headgate_certificate', paths.certificate)],
      validationContextSdsSecretConfig: from('headgate_authority', paths.authority),
    },
  });
  const secret = (name: string, content: object) => ({ resources: [{ '@type': `${TYPE}.Secret`, name, ...content }] });
  const watchedDirectory = { path: '/etc/headgate/tls' };
  expect(secretFiles(TLS)).toEqual({
    certificate: secret('headgate_certificate', { tlsCertificate: { ...PAIR, watchedDirectory } }),
    authority: secret('headgate_authority', {
      validationContext: { ...validation('DNS', TLS.serverName), watchedDirectory },
    }),
  });
});
