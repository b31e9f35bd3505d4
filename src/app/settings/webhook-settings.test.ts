import { expect, test } from 'vitest';
import { webhookSettings, webhookShape } from './webhook-settings.ts';

test('the settings of webhooks name the secret of each forge', () => {
  const shape = webhookShape.parse({
    tls: { certificate: 'c.pem', key: '/etc/k.pem' },
    secrets: { 'bitbucket-data-center': { file: 'hook' }, github: { env: 'HOOK' } },
  });
  expect(shape === undefined ? undefined : webhookSettings(shape, '/etc/headgate')).toEqual({
    listen: { host: '127.0.0.1', port: 18_003 },
    tls: { certificate: '/etc/headgate/c.pem', key: '/etc/k.pem' },
    secrets: new Map([
      ['github', { kind: 'env', name: 'HOOK' }],
      ['bitbucket-data-center', { kind: 'file', path: '/etc/headgate/hook' }],
    ]),
  });
});

test.each([
  {},
  { secrets: {} },
  { secrets: { sourcehut: { env: 'A' } } },
  { secrets: { github: 'abc' } },
  { listen: '18003', secrets: { github: { env: 'A' } } },
])('%j are refused', (shape) => {
  expect(webhookShape.safeParse(shape).success).toBe(false);
});
