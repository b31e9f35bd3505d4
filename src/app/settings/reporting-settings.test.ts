import { expect, test } from 'vitest';
import { z } from 'zod';
import { reportingSettings, reportingShape } from './reporting-settings.ts';

const token = { env: 'FORGE_TOKEN' };
const statuses = { forge: 'github', repository: 'acme/config', token };

test.each([
  [{ installation: 'Prod EU' }, /small letters/],
  [{ statuses: { ...statuses, forge: 'sourcehut' } }, /forge/],
  [{ statuses: { ...statuses, repository: '../other' } }, /owner\/name/],
  [{ statuses: { ...statuses, repository: 'acme/config?x' } }, /owner\/name/],
  [{ statuses: { ...statuses, forge: 'gitea' } }, /address of its API/],
  [{ statuses: { ...statuses, api: 'http://git.example.com/api' } }, /https/],
  [{ statuses: { ...statuses, api: 'https://user:word@git.example.com' } }, /https/],
  [{ statuses: { ...statuses, token: 'ghp_x' } }, /token/],
  [{ events: [{ url: 'http://hooks.example.com/', secret: token }] }, /https/],
  [{ events: [{ url: 'https://hooks.example.com/' }] }, /secret/],
  [{ events: Array.from({ length: 9 }, () => ({ url: 'https://a.example.com/', secret: token })) }, /8/],
] as const)('%j', (settings, message) => {
  const parsed = reportingShape.safeParse(settings);
  expect(parsed.success ? 'taken' : z.prettifyError(parsed.error)).toMatch(message);
});

test('a public forge needs no address, and loopback no TLS', () => {
  const shape = reportingShape.parse({
    statuses,
    events: [{ url: 'http://127.0.0.1:8080/', secret: { file: 'hook.secret' }, authority: 'ca.pem' }],
  });
  expect(reportingSettings(shape, '/etc/headgate', (path) => `the text of ${path}`)).toEqual({
    installation: 'headgate',
    statuses: {
      target: { kind: 'github', api: 'https://api.github.com', repository: 'acme/config' },
      token: { kind: 'env', name: 'FORGE_TOKEN' },
    },
    events: [
      {
        target: { url: 'http://127.0.0.1:8080/', authorityPem: 'the text of /etc/headgate/ca.pem' },
        secret: { kind: 'file', path: '/etc/headgate/hook.secret' },
      },
    ],
  });
});
