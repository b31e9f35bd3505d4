import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { advertisedAddress, type DecideOptions, decideSettings } from './decide-settings.ts';

const OPTIONS: DecideOptions = {
  ...{ controlPlane: 'control.example.com:18004', state: 'state', extProc: '127.0.0.1:18011' },
  ...{ admin: 'unix:/run/admin.sock', drain: 60_000 },
};
const TLS = { tlsAuthority: 'ca.pem', tlsCertificate: 'own.pem', tlsKey: 'own.key' };

describe('the options of a decider', () => {
  test('are read', () => {
    expect(decideSettings({ ...OPTIONS, ...TLS, advertise: '10.0.0.5:18011', name: 'one' })).toEqual({
      controlPlane: { host: 'control.example.com', port: 18_004 },
      stateDirectory: resolve('state'),
      listen: { extProc: { host: '127.0.0.1', port: 18_011 }, admin: { path: '/run/admin.sock' } },
      advertise: { host: '10.0.0.5', port: 18_011 },
      name: 'one',
      tls: {
        files: { certificate: resolve('own.pem'), key: resolve('own.key'), clientAuthority: resolve('ca.pem') },
        serverName: 'control.example.com',
      },
      drainMs: 60_000,
    });
  });

  test.each<[string, Partial<DecideOptions>, string]>([
    ['an address that proxies would look up', { advertise: 'decider-1.example.com:18011' }, 'write IP:PORT'],
    ['an address without a port', { advertise: '10.0.0.5:0' }, 'write IP:PORT'],
    ['half of what TLS needs', { tlsKey: 'own.key' }, 'TLS needs'],
    ['a certificate of nobody', { ...TLS, controlPlane: '10.0.0.1:18004' }, '--tls-server-name'],
  ])('cannot be %s', (_what, options, message) => {
    expect(() => decideSettings({ ...OPTIONS, ...options })).toThrow(message);
  });
});

describe('where proxies reach a decider', () => {
  const bound = { host: '10.0.0.5', port: 40_000 };

  test.each<[string, ReturnType<typeof decideSettings>['advertise'], unknown]>([
    ['is where it listens', undefined, bound],
    ['is what it is told to say', { host: '192.0.2.1', port: 1 }, { host: '192.0.2.1', port: 1 }],
    ['is told to nobody', 'none', 'none'],
  ])('%s', (_what, advertise, address) => {
    expect(advertisedAddress(advertise, bound)).toEqual(address);
  });

  test.each(['0.0.0.0', '::'])('is not known of one that listens on %s', (host) => {
    expect(() => advertisedAddress(undefined, { host, port: 1 })).toThrow('--advertise');
  });
});
