import { expect, test } from 'vitest';
import { proxyAddress } from './decider-admission.ts';

test.each<[string, boolean, boolean]>([
  ['unix:/run/decider.sock', true, true],
  ['127.0.0.1:18011', true, true],
  ['[::1]:18011', true, true],
  ['10.0.0.6:18011', false, true],
  ['[2001:db8::1]:18011', false, true],
  ['decider.example.com:18011', false, false],
  ['127.0.0.1:0', false, false],
  ['', false, false],
])('proxies are told of %s without TLS: %s, with it: %s', (text, isPlain, isSecure) => {
  expect([false, true].map((secure) => proxyAddress(text, secure) !== undefined)).toEqual([isPlain, isSecure]);
});
