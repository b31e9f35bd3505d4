import { expect, test } from 'vitest';
import { SOTW_ADS, XdsScript } from '../../../test/support/xds-script.ts';
import { TYPE_URL } from './type-url.ts';

const REFUSED = { error: 'Error adding/updating cluster(s) bad: why' };

test('C5: the four steps of the state-of-the-world example', () => {
  const script = XdsScript.of({ cluster: { a: '1', b: '1' } }, SOTW_ADS);
  expect(script.sotw('cluster')).toEqual(['cluster a@1 b@1']);
  script.sotw('cluster');
  expect(script.sotw('cluster', ['*', 'a'])).toEqual(['cluster a@1 b@1']);
  script.sotw('cluster', ['*', 'a']);
  expect(script.sotw('cluster', ['a'])).toEqual([]);
  expect(script.publish({ cluster: { a: '2', b: '2' } })).toEqual(['cluster a@2']);
  expect(script.sotw('cluster', ['a'])).toEqual([]);
  expect(script.sotw('cluster', [])).toEqual([]);
  expect(script.publish({ cluster: { a: '3', b: '3' } })).toEqual([]);
});

test('C5: a first request without names asks for nothing of other types', () => {
  const script = XdsScript.of({ endpoints: { a: '1' }, route: { a: '1' } }, SOTW_ADS);
  expect(script.sotw('endpoints')).toEqual([]);
  expect(script.sotw('route')).toEqual([]);
  expect(script.sotw('endpoints', ['a'])).toEqual(['endpoints a@1']);
});

test('C6: an ACK is not answered, and equal content is not sent', () => {
  const script = XdsScript.of({ endpoints: { a: '1' }, cluster: { a: '1' } }, SOTW_ADS);
  script.sotw('endpoints', ['a']);
  expect(script.sotw('endpoints', ['a'])).toEqual([]);
  script.sotw('cluster');
  expect(script.sotw('cluster')).toEqual([]);
  expect(script.publish({ endpoints: { a: '1' }, cluster: { a: '1' } })).toEqual([]);
});

test('C7: a refused version is not sent again, a new one is, and a NACK may carry names', () => {
  const script = XdsScript.of({ endpoints: { a: '1', b: '1' } }, SOTW_ADS);
  script.sotw('endpoints', ['a']);
  script.takeReports();
  expect(script.sotw('endpoints', ['a', 'b'], { error: 'no' })).toEqual(['endpoints b@1']);
  expect(script.takeReports()).toMatchObject([
    { kind: 'rejected', typeUrl: TYPE_URL.endpoints, names: ['a'], message: 'no' },
    { kind: 'subscribed', asked: ['b'], left: [] },
  ]);
  script.sotw('endpoints', ['a', 'b']);
  expect(script.wait(5_000)).toEqual([]);
  expect(script.publish({ endpoints: { a: '2', b: '1' } })).toEqual(['endpoints a@2']);
});

test('C8: a refused cluster stays as it was accepted, and the others of its response come again', () => {
  const script = XdsScript.of({ cluster: { bad: '1', good: '1' } }, SOTW_ADS);
  script.sotw('cluster');
  script.sotw('cluster');
  script.publish({ cluster: { bad: '2', good: '2' } });
  expect(script.sotw('cluster', [], REFUSED)).toEqual(['cluster bad@1 good@2']);
  expect(script.sotw('cluster')).toEqual([]);
  expect(script.publish({ cluster: { bad: '2', good: '3' } })).toEqual(['cluster bad@1 good@3']);
  script.sotw('cluster');
  expect(script.publish({ cluster: { bad: '3', good: '3' } })).toEqual(['cluster bad@3 good@3']);
});

test('C8: without a name, the changes are halved on the ground of what was accepted', () => {
  const script = XdsScript.of({ cluster: { a: '1', b: '1' } }, SOTW_ADS);
  script.sotw('cluster');
  script.sotw('cluster');
  script.publish({ cluster: { a: '2', b: '2' } });
  expect(script.sotw('cluster', [], { error: 'unknown fields' })).toEqual(['cluster a@2 b@1']);
  expect(script.sotw('cluster')).toEqual(['cluster a@2 b@2']);
  expect(script.sotw('cluster', [], { error: 'unknown fields' })).toEqual([]);
  expect(script.publish({ cluster: { a: '3', b: '2' } })).toEqual(['cluster a@3 b@1']);
});

test('C9: a name that does not exist yet is sent when it does', () => {
  const script = XdsScript.of({ route: { a: '1' } }, SOTW_ADS);
  expect(script.sotw('route', ['a', 'z'])).toEqual(['route a@1']);
  script.sotw('route', ['a', 'z']);
  expect(script.publish({ route: { a: '1', z: '1' } })).toEqual(['route z@1']);
});

test('C14: an unknown type is accepted and waits', () => {
  const script = XdsScript.of({}, SOTW_ADS);
  expect(script.sotw('custom', ['*'])).toEqual([]);
  expect(script.publish({ custom: { x: '1' } })).toEqual(['custom x@1']);
});

test('S1: listeners and clusters come as one full state, other types in part', () => {
  const script = XdsScript.of(
    { cluster: { a: '1', b: '1' }, endpoints: { a: '1', b: '1' }, listener: { l: '1', m: '1' } },
    SOTW_ADS,
  );
  script.sotw('cluster');
  script.sotw('cluster');
  expect(script.sotw('endpoints', ['a', 'b'])).toEqual(['endpoints a@1 b@1']);
  script.sotw('endpoints', ['a', 'b']);
  script.sotw('listener', ['l', 'm']);
  script.sotw('listener', ['l', 'm']);
  expect(
    script.publish({ cluster: { a: '1', b: '1' }, endpoints: { a: '2', b: '1' }, listener: { l: '2', m: '1' } }),
  ).toEqual(['endpoints a@2', 'listener l@2 m@1']);
});

test('S1: what is gone is missing in the next full state, and of other types nothing is said', () => {
  const script = XdsScript.of({ cluster: { a: '1', b: '1' }, endpoints: { a: '1', b: '1' } }, SOTW_ADS);
  script.sotw('cluster');
  script.sotw('cluster');
  script.sotw('endpoints', ['a', 'b']);
  script.sotw('endpoints', ['a', 'b']);
  expect(script.publish({ cluster: { a: '1' }, endpoints: { a: '1' } })).toEqual(['cluster a@1']);
  script.sotw('cluster');
  expect(script.publish({ cluster: { a: '1', b: '1' }, endpoints: { a: '1', b: '1' } })).toEqual([
    'cluster a@1 b@1',
    'endpoints b@1',
  ]);
});

test('S1: a full state is never split', () => {
  const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`c${index}`, '1']));
  const script = XdsScript.of({ cluster: many }, SOTW_ADS);
  const sent = script.sotw('cluster');
  expect(sent.map((response) => response.split(' ').length - 1)).toEqual([2_000]);
});

test('S1: listeners and clusters that are asked for by name and do not exist are answered, by what there is', () => {
  const script = XdsScript.of({ cluster: { a: '1' } }, SOTW_ADS);
  expect(script.sotw('cluster', ['a', 'z'])).toEqual(['cluster a@1']);
  script.sotw('cluster', ['a', 'z']);
  expect(script.publish({ cluster: { a: '1', z: '1' } })).toEqual(['cluster a@1 z@1']);
});

test('S2: a request with a stale nonce is ignored as a whole', () => {
  const script = XdsScript.of({ endpoints: { a: '1', b: '1' } }, SOTW_ADS);
  script.sotw('endpoints', ['a']);
  script.sotw('endpoints', ['a']);
  script.publish({ endpoints: { a: '2', b: '1' } });
  script.takeReports();
  expect(script.sotw('endpoints', ['a', 'b'], { nonce: '1' })).toEqual([]);
  expect(script.sotw('endpoints', ['a'], { nonce: '1', error: 'late' })).toEqual([]);
  expect(script.sotw('endpoints', ['b'], { nonce: '' })).toEqual([]);
  expect(script.takeReports()).toEqual([]);
  expect(script.sotw('endpoints', ['a', 'b'])).toEqual(['endpoints b@1']);
});

test('S2: an answer to the last of several responses counts for all of them, in their order', () => {
  const script = XdsScript.of({}, SOTW_ADS);
  expect(script.sotw('cluster', ['a', 'b'])).toEqual(['cluster']);
  expect(script.publish({ cluster: { b: '1' } })).toEqual(['cluster b@1']);
  script.sotw('cluster', ['a', 'b']);
  expect(script.publish({ cluster: { a: '1', b: '1' } })).toEqual(['cluster b@1 a@1']);
});

test('S2: what is told in part goes one response at a time, since a later one would make its refusal stale', () => {
  const script = XdsScript.of({ cluster: { a: '1' }, endpoints: { a: '1', b: '1' } }, SOTW_ADS);
  script.sotw('cluster');
  script.sotw('cluster');
  script.sotw('endpoints', ['a', 'b']);
  // The changed cluster needs its endpoints once more: they wait for the answer.
  expect(script.publish({ cluster: { a: '2' }, endpoints: { a: '1', b: '1' } })).toEqual(['cluster a@2']);
  expect(script.sotw('endpoints', ['a', 'b'])).toEqual(['endpoints a@1']);
});

test('S3: who reconnects with the version of all clusters is sent nothing, with another one everything', () => {
  const content = { cluster: { a: '1' }, endpoints: { a: '1' } };
  const script = XdsScript.of(content, SOTW_ADS);
  script.sotw('cluster');
  const { version } = script;
  const again = XdsScript.of(content, SOTW_ADS);
  expect(again.sotw('cluster', [], { version })).toEqual([]);
  expect(again.publish({ cluster: { a: '1', b: '1' } })).toEqual(['cluster a@1 b@1']);
  const other = XdsScript.of(content, SOTW_ADS);
  expect(other.sotw('cluster', [], { version: 'older' })).toEqual(['cluster a@1']);
});

test('S3: names are always answered, whatever version the client tells', () => {
  const content = { cluster: { a: '1' }, endpoints: { a: '1' } };
  const script = XdsScript.of(content, SOTW_ADS);
  script.sotw('endpoints', ['a']);
  const { version } = script;
  const again = XdsScript.of(content, SOTW_ADS);
  expect(again.sotw('endpoints', ['a'], { version })).toEqual(['endpoints a@1']);
});

test('S3: what an earlier stream left in doubt is sent, although the version is current', () => {
  const script = XdsScript.of({ cluster: { a: '1' } }, SOTW_ADS);
  script.sotw('cluster');
  script.sotw('cluster');
  const { version } = script;
  script.publish({ cluster: { a: '1', b: '1' } });
  const again = script.reconnect();
  again.publish({ cluster: { a: '1' } });
  expect(again.sotw('cluster', [], { version })).toEqual(['cluster a@1']);
  script.sotw('cluster');
  expect(again.wait(1_000)).toEqual([]);
});

test('S3: who acknowledged an intermediate state is not taken for current when it comes back', () => {
  const script = XdsScript.of({ cluster: { x: '1' }, route: { r: '1' } }, SOTW_ADS);
  script.sotw('cluster');
  script.sotw('cluster');
  script.sotw('route', ['r']);
  script.sotw('route', ['r']);
  const next = { cluster: { y: '1' }, route: { r: '2' } };
  expect(script.publish(next)).toEqual(['cluster x@1 y@1']);
  const { version } = script;
  script.sotw('cluster');
  const again = XdsScript.of(next, SOTW_ADS);
  expect(again.sotw('cluster', [], { version })).toEqual(['cluster y@1']);
});

test('S4: who leaves a name and asks for it again is answered, also if nothing changed', () => {
  const script = XdsScript.of({ route: { a: '1', b: '1' } }, SOTW_ADS);
  script.sotw('route', ['a', 'b']);
  expect(script.sotw('route', ['b'])).toEqual([]);
  expect(script.sotw('route', ['a', 'b'])).toEqual(['route a@1']);
});

test('S5: what changed for names that were left meanwhile is not sent', () => {
  const script = XdsScript.of({ endpoints: { a: '1', b: '1' } }, SOTW_ADS);
  script.sotw('endpoints', ['a', 'b']);
  expect(script.publish({ endpoints: { a: '2', b: '2' } })).toEqual([]);
  expect(script.sotw('endpoints', ['b'])).toEqual(['endpoints b@2']);
});

test('S6: the empty name is a name, and asks for nothing', () => {
  const script = XdsScript.of({ cluster: { a: '1' } }, SOTW_ADS);
  script.sotw('cluster', ['a']);
  expect(script.sotw('cluster', [''])).toEqual([]);
  expect(script.publish({ cluster: { a: '2' } })).toEqual([]);
  const first = XdsScript.of({ cluster: { a: '1' } }, SOTW_ADS);
  expect(first.sotw('cluster', [''])).toEqual([]);
});

test('O1: full states, too, make before they break', () => {
  const first = { cluster: { x: '1' }, listener: { l: '1' }, route: { r: '1' } };
  const script = XdsScript.of(first, SOTW_ADS);
  script.sotw('cluster');
  script.sotw('cluster');
  script.sotw('listener');
  script.sotw('listener');
  script.sotw('route', ['r']);
  script.sotw('route', ['r']);
  const moved = { cluster: { y: '1' }, listener: { l: '1' }, route: { r: '2' } };
  expect(script.publish(moved)).toEqual(['cluster x@1 y@1']);
  expect(script.sotw('cluster')).toEqual(['route r@2']);
  expect(script.sotw('route', ['r'])).toEqual(['cluster y@1']);
  script.takeReports();
  script.sotw('cluster');
  expect(script.takeReports().at(-1)).toEqual({ kind: 'fully-acknowledged', revision: 'r2' });
});

test('a stream from which its revision is withdrawn keeps what it has, and hears of the next one', () => {
  const script = XdsScript.of({ cluster: { a: '1' } }, SOTW_ADS);
  script.sotw('cluster');
  script.withdraw();
  expect(script.sotw('cluster')).toEqual([]);
  expect(script.sotw('endpoints', ['a'])).toEqual([]);
  expect(script.publish({ cluster: { a: '2' }, endpoints: { a: '1' } })).toEqual(['cluster a@2', 'endpoints a@1']);
});
