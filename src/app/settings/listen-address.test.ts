import { expect, test } from 'vitest';
import { formatListenAddress } from '../../io/net/listen-address.ts';
import { parseListenAddress } from './listen-address.ts';

test.each([
  ['127.0.0.1:18000', { host: '127.0.0.1', port: 18_000 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
  ['[::1]:65535', { host: '::1', port: 65_535 }],
  ['unix:/run/headgate.sock', { path: '/run/headgate.sock' }],
])('%s is an address, and is written as it was read', (text, address) => {
  expect([parseListenAddress(text), formatListenAddress(address)]).toEqual([address, text]);
});

test.each([
  '18000',
  ':18000',
  '127.0.0.1',
  '127.0.0.1:',
  '127.0.0.1:65536',
  '127.0.0.1:123456',
  '::1:18000',
  '[::1]',
  '',
])('"%s" is none', (text) => {
  expect(() => parseListenAddress(text)).toThrow(`"${text}" is not HOST:PORT or unix:PATH`);
});
