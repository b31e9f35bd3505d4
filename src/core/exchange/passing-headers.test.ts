import { expect, test } from 'vitest';
import { headerList } from './header-list.ts';
import { withheldFromClients, withheldFromUpstreams } from './passing-headers.ts';

test.each([
  [':method', 'host', 'content-type', 'accept', 'user-agent', 'x-request-id'],
  ['content-length', 'transfer-encoding', 'x-forwarded-proto'],
])('a request goes on with %s', (...names) => {
  expect(withheldFromUpstreams(headerList(names.map((name) => [name, 'x'])))).toEqual([]);
});

test.each([
  ['credentials', ['authorization', 'proxy-authorization', 'cookie', 'x-api-key', 'ocp-apim-subscription-key']],
  ['accounts', ['openai-organization', 'openai-project', 'anthropic-api-key', 'x-amz-security-token']],
  ['addresses', ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip']],
  ['orders to engines', ['x-data-parallel-rank', 'content-encoding', 'headgate-session', 'x-future']],
])('a request goes on without %s', (_what, names) => {
  expect(withheldFromUpstreams(headerList(names.map((name) => [name, 'x'])))).toEqual(names);
});

test('a header that came twice is named once', () => {
  const twice = headerList([
    ['cookie', 'a'],
    ['accept', '*/*'],
    ['cookie', 'b'],
  ]);
  expect(withheldFromUpstreams(twice)).toEqual(['cookie']);
});

test('an answer tells what it is and when to come again, and nothing of its sender', () => {
  const passing = [':status', 'content-type', 'content-length', 'cache-control', 'retry-after', 'x-should-retry'];
  const withheld = ['set-cookie', 'location', 'openai-organization', 'x-headgate-decision', 'headgate-model'];
  const headers = headerList(
    [...passing, ...withheld, 'x-envoy-overloaded', 'server-timing'].map((name) => [name, 'x']),
  );
  expect(withheldFromClients(headers)).toEqual([...withheld, 'x-envoy-overloaded', 'server-timing']);
});
