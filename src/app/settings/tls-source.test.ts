import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ServerTls } from '../../io/net/server-tls.ts';
import { type Certificate, createAuthority, issueCertificate } from '../../sim/certificates.ts';
import { openTls, type TlsSource } from './tls-source.ts';

const authority = createAuthority('proxies');
const first = issueCertificate(authority, { hosts: ['headgate.example.com'] });
const second = issueCertificate(authority, { hosts: ['headgate.example.com'] });

let folder: string;
let logged: string[];
let opened: TlsSource[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-tls-'));
  logged = [];
  opened = [];
});
afterEach(() => {
  for (const source of opened) source.close();
  rmSync(folder, { recursive: true });
});

const place = (name: string) => join(folder, name);

function write(name: 'certificate' | 'key' | 'clientAuthority', text: string): void {
  writeFileSync(place(name), text);
}

function writePair({ certificatePem, privateKeyPem }: Certificate): void {
  write('certificate', certificatePem);
  write('key', privateKeyPem);
}

function open(): { source: TlsSource; replaced: ServerTls[] } {
  const log = {
    info: (_fields: object, message: string) => void logged.push(message),
    warn: ({ reason }: { reason: string }) => void logged.push(reason),
  };
  const files = { certificate: place('certificate'), key: place('key'), clientAuthority: place('clientAuthority') };
  const source = openTls(files, log as never);
  opened.push(source);
  const replaced: ServerTls[] = [];
  source.follow((tls) => replaced.push(tls));
  return { source, replaced };
}

describe('the certificate', () => {
  beforeEach(() => {
    writePair(first);
    write('clientAuthority', authority.certificatePem);
  });

  test('is taken as it stands at the start, and says when it ends', () => {
    const { source } = open();
    expect(source.current().certificate).toBe(first.certificatePem);
    expect(source.status()).toEqual({
      certificates: [
        { use: 'server', subject: 'CN=headgate.example.com', expiresAtMs: expect.any(Number) },
        { use: 'client-authority', subject: 'CN=proxies', expiresAtMs: expect.any(Number) },
      ],
    });
  });

  test('is replaced when another pair was found alike twice', () => {
    const { source, replaced } = open();
    writePair(second);
    source.look();
    expect(replaced).toEqual([]);
    source.look();
    source.look();
    expect(replaced.map(({ certificate }) => certificate)).toEqual([second.certificatePem]);
    expect(logged).toEqual(['certificate replaced']);
  });

  test('is kept while only one of a pair is new, and told so once', () => {
    const { source, replaced } = open();
    write('certificate', second.certificatePem);
    for (let looks = 0; looks < 3; looks += 1) source.look();
    expect([replaced, logged]).toEqual([[], ['key does not fit certificate']]);
    expect(source.status().failure).toBe('key does not fit certificate');
    write('key', second.privateKeyPem);
    source.look();
    source.look();
    expect(replaced.map(({ key }) => key)).toEqual([second.privateKeyPem]);
    expect(source.status()).not.toHaveProperty('failure');
  });

  test.each<[string, () => void, string]>([
    [
      'half a certificate',
      () => write('certificate', second.certificatePem.slice(0, 200)),
      'certificate is not a PEM file of certificates',
    ],
    [
      'half a chain',
      () => write('certificate', `${first.certificatePem}${second.certificatePem.slice(0, 99)}`),
      'certificate is not a PEM file of certificates',
    ],
    ['an empty authority', () => write('clientAuthority', ''), 'clientAuthority is not a PEM file of certificates'],
    [
      'a key that is none',
      () => write('key', 'key'),
      'key is not a PEM file of a private key, or certificate cannot be used',
    ],
    ['no certificate', () => renameSync(place('certificate'), place('elsewhere')), 'cannot read CERTIFICATE'],
  ])('is kept where there is %s', (_what, spoil, reason) => {
    const { source, replaced } = open();
    spoil();
    source.look();
    source.look();
    expect(replaced).toEqual([]);
    expect(logged).toEqual([reason.replace('CERTIFICATE', place('certificate'))]);
    expect(source.current().certificate).toBe(first.certificatePem);
  });

  test('follows its file by itself', async () => {
    const { source } = open();
    const replaced = new Promise<ServerTls>((resolve) => source.follow(resolve));
    writePair(second);
    expect((await replaced).certificate).toBe(second.certificatePem);
  });

  test('does not let a process start that could serve nobody', () => {
    write('key', second.privateKeyPem);
    expect(open).toThrow(expect.objectContaining({ code: 'tls-files', message: 'tls: key does not fit certificate' }));
  });
});
