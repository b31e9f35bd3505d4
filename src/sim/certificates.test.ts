import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { createAuthority, issueCertificate } from './certificates.ts';

describe('certificates of the simulator', () => {
  test('the authority is a self-signed authority for certificates', () => {
    const authority = createAuthority('test authority');
    const parsed = new X509Certificate(authority.certificatePem);
    expect({
      subject: parsed.subject,
      issuer: parsed.issuer,
      ca: parsed.ca,
      own: parsed.verify(parsed.publicKey),
    }).toEqual({ subject: 'CN=test authority', issuer: 'CN=test authority', ca: true, own: true });
  });

  test('a certificate for both ends of TLS names its hosts and is signed by the authority', () => {
    const authority = createAuthority();
    const issued = issueCertificate(authority, { hosts: ['api.example.test', '127.0.0.1', '::1', '2001:db8::7'] });
    const parsed = new X509Certificate(issued.certificatePem);
    const root = new X509Certificate(authority.certificatePem);
    expect({
      names: parsed.subjectAltName,
      ca: parsed.ca,
      usage: parsed.keyUsage,
      signed: parsed.verify(root.publicKey),
      issued: parsed.checkIssued(root),
      daysLeft: Math.round((parsed.validToDate.getTime() - Date.now()) / 86_400_000),
    }).toEqual({
      names: 'DNS:api.example.test, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:2001:DB8:0:0:0:0:0:7',
      ca: false,
      usage: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
      signed: true,
      issued: true,
      daysLeft: 7,
    });
  });

  test.each([
    { trusted: 'its authority', host: 'api.example.test', expected: 'authorized' },
    { trusted: 'its authority', host: 'other.example.test', expected: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    { trusted: 'another authority', host: 'api.example.test', expected: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
  ])('a client that trusts $trusted and asks for $host: $expected', async ({ trusted, host, expected }) => {
    const authority = createAuthority('one');
    const issued = issueCertificate(authority, { hosts: ['api.example.test'] });
    const server = createServer({ cert: issued.certificatePem, key: issued.privateKeyPem }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const root = trusted === 'its authority' ? authority : createAuthority('two');
    const { port } = server.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', servername: host, ca: root.certificatePem });
    const outcome = await new Promise((resolve) => {
      socket.once('secureConnect', () => resolve('authorized'));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    socket.destroy();
    server.close();
    expect(outcome).toBe(expected);
  });
});
