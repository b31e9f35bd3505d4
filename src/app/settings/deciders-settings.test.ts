import { describe, expect, test } from 'vitest';
import { deciderRefusal } from '../control/decider-admission.ts';
import { decidersSettings } from './deciders-settings.ts';

const TCP = { listen: '10.0.0.5:18004', identities: ['decider.example.com', 'spiffe://prod/decider/*'] };

describe('who may be a decider', () => {
  test.each<[string, string, boolean]>([
    ['who has the name', 'DNS:decider.example.com', true],
    ['who has an identity below the one that is named', 'URI:spiffe://prod/decider/eu-1', true],
    ['one of several names', 'DNS:other.example.com, DNS:decider.example.com', true],
    ['a proxy with a certificate of the same authority', 'DNS:edge', false],
    ['nobody without a name', '', false],
  ])('%s', (_who, names, isAdmitted) => {
    expect(deciderRefusal(decidersSettings(TCP, true), true, names) === undefined).toBe(isAdmitted);
  });

  test('everybody who reaches a place that asks for no certificate', () => {
    const local = decidersSettings({ listen: '127.0.0.1:18004', identities: [] }, false);
    expect(deciderRefusal(local, false, '')).toBe(undefined);
  });

  test('must be said with mutual TLS, but for a Unix socket', () => {
    expect(() => decidersSettings({ ...TCP, identities: [] }, true)).toThrow('deciders.identities');
    const socket = { listen: 'unix:/run/headgate/deciders.sock', identities: [] };
    expect(decidersSettings(socket, true)).toEqual({
      listen: { path: '/run/headgate/deciders.sock' },
      identities: [],
    });
  });
});
