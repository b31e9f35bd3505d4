import { expect, test } from 'vitest';
import { SOTW_ADS, XdsScript } from '../../../test/support/xds-script.ts';
import { DELTA_ADS } from './channel.ts';
import { understandsExpiry } from './heartbeat.ts';

const CONTENT = { endpoints: { a: '1' } };

function expiring(channel?: typeof DELTA_ADS): XdsScript {
  const script = new XdsScript(channel);
  script.expires = true;
  script.publish(CONTENT, 1_000);
  return script;
}

test('C13: what expires is renewed twice in its time, without content and in the same version', () => {
  const script = expiring();
  expect(script.request('endpoints', { subscribe: ['a'] })).toEqual(['endpoints a@1']);
  script.ack('endpoints');
  expect(script.wait(499)).toEqual([]);
  expect(script.wait(1)).toEqual(['endpoints ~a@1']);
  expect(script.ack('endpoints')).toEqual([]);
  expect(script.wait(500)).toEqual(['endpoints ~a@1']);
});

test('C13: a client that leaves heartbeats unanswered is sent four of them', () => {
  const script = expiring();
  script.request('endpoints', { subscribe: ['a'] });
  script.ack('endpoints');
  const sent = Array.from({ length: 8 }, () => script.wait(500));
  expect(sent.flat()).toEqual(Array.from({ length: 4 }, () => 'endpoints ~a@1'));
});

test('C13: what the client does not hold is not renewed', () => {
  const script = expiring();
  script.request('endpoints', { subscribe: ['a'] });
  script.nack('endpoints', 'no');
  expect(script.wait(5_000)).toEqual([]);
});

test('C13: the state-of-the-world variant renews, too', () => {
  const script = expiring(SOTW_ADS);
  expect(script.sotw('endpoints', ['a'])).toEqual(['endpoints a@1']);
  script.sotw('endpoints', ['a']);
  expect(script.wait(500)).toEqual(['endpoints ~a@1']);
});

test('C13: where a response tells everything, all is sent once more', () => {
  const script = new XdsScript(SOTW_ADS);
  script.expires = true;
  script.publish({ cluster: { a: '1', b: '1' } }, 1_000);
  script.sotw('cluster');
  script.sotw('cluster');
  expect(script.wait(500)).toEqual(['cluster a@1 b@1']);
});

test('C13: a client that does not understand it is sent no heartbeat', () => {
  const script = new XdsScript();
  script.publish(CONTENT, 1_000);
  script.request('endpoints', { subscribe: ['a'] });
  script.ack('endpoints');
  expect(script.wait(5_000)).toEqual([]);
});

test.each([
  ['delta', ['xds.config.supports-resource-ttl'], true],
  ['delta', [], false],
  ['sotw', ['xds.config.supports-resource-ttl'], false],
  ['sotw', ['xds.config.supports-resource-ttl', 'xds.config.supports-resource-in-sotw'], true],
] as const)('C13: a %s client with the features %j understands it: %s', (variant, features, expected) => {
  const node = { id: 'p', cluster: '', metadata: {}, userAgent: '', version: undefined, features: new Set(features) };
  expect(understandsExpiry({ ...DELTA_ADS, variant }, node)).toBe(expected);
});
