import { expect, test } from 'vitest';
import { remoteAddress } from './remote-address.ts';

test.each([
  ['https://git.example.com/team/config.git', 'https'],
  ['https://reader@git.example.com/config.git', 'https'],
  ['ssh://git@git.example.com:2222/config.git', 'ssh'],
  ['git@git.example.com:team/config.git', 'ssh'],
])('%s is taken as %s', (url, kind) => {
  expect(remoteAddress(url, false)).toEqual({ kind, url });
});

test('a repository of this machine needs the leave of the boot settings', () => {
  expect(remoteAddress('/srv/config', true)).toEqual({ kind: 'local', url: '/srv/config', directory: '/srv/config' });
  const url = 'file:///srv/my%20config';
  expect(remoteAddress(url, true)).toEqual({ kind: 'local', url, directory: '/srv/my config' });
  expect(() => remoteAddress('/srv/config', false)).toThrow('must be allowed by the boot settings');
});

test.each([
  '',
  'ext::sh -c id',
  'ext::id',
  'fd::3',
  '-oProxyCommand=id',
  'ssh://-oProxyCommand=id/x',
  'ssh://-oProxyCommand=id@host/x',
  'ssh://%2doProxyCommand=id@host/x',
  '--upload-pack=id',
  'http://git.example.com/config.git',
  'git://git.example.com/config.git',
  'HTTPS://git.example.com/config.git',
  'https://user:password@git.example.com/config.git',
  'https://[',
  '-host:path',
  'relative/path',
  '../up',
  'file://host/config',
  'https://git.example.com/a\nb',
  `https://git.example.com/${'a'.repeat(3000)}`,
])('%j is refused', (url) => {
  expect(() => remoteAddress(url, true)).toThrow(expect.objectContaining({ code: 'git-settings' }));
});
