import { describe, expect, test } from 'vitest';
import { XdsScript } from '../../../test/support/xds-script.ts';
import { resourceOf } from './resource.ts';
import { TYPE_URL } from './type-url.ts';

const SUBSCRIBE_A = { subscribe: ['a'] };

/** What the tests below are named after: the rows of the conformance list. */
describe('common', () => {
  test('C2: a request without a type ends the stream', () => {
    const script = XdsScript.of({});
    expect(script.request('')).toEqual([]);
    expect(script.closing).toEqual({ code: 'invalid-argument', message: 'type_url is required on this service' });
  });

  test('C3: the first request must carry node.id; later ones need not', () => {
    const anonymous = XdsScript.of({ cluster: { a: '1' } });
    anonymous.isAnonymous = true;
    anonymous.request('cluster');
    const message = 'the first request of a stream must carry node.id';
    expect(anonymous.closing).toEqual({ code: 'invalid-argument', message });

    const script = XdsScript.of({ cluster: { a: '1' }, listener: { l: '1' } });
    expect(script.request('cluster')).toEqual(['cluster a@1']);
    script.ack('cluster');
    expect(script.request('listener')).toEqual(['listener l@1']);
  });

  test('C4: each type has nonces of its own: an answer with the nonce of another type answers nothing', () => {
    const script = XdsScript.of({ cluster: { a: '1' }, custom: { x: '1' } });
    script.request('cluster');
    script.request('custom', { subscribe: ['*'] });
    script.takeReports();
    script.request('cluster', { nonce: '2' });
    script.request('custom', { nonce: '1', error: 'crossed' });
    expect(script.takeReports()).toEqual([]);
    script.ack('cluster');
    expect(script.takeReports()).toEqual([
      { kind: 'acknowledged', typeUrl: TYPE_URL.cluster, nonce: '1', revision: 'r1' },
    ]);
  });

  test('C5: no names ever means all, for listeners and clusters only', () => {
    const script = XdsScript.of({ cluster: { a: '1', b: '1' }, endpoints: { a: '1' }, route: { a: '1' } });
    expect(script.request('cluster')).toEqual(['cluster a@1 b@1']);
    expect(script.request('endpoints')).toEqual([]);
    expect(script.request('route')).toEqual([]);
  });

  test('C5: the four steps of the delta example', () => {
    const script = XdsScript.of({ cluster: { a: '1', b: '1' } });
    expect(script.request('cluster')).toEqual(['cluster a@1 b@1']);
    script.ack('cluster');
    expect(script.request('cluster', SUBSCRIBE_A)).toEqual(['cluster a@1']);
    script.ack('cluster');
    expect(script.request('cluster', { unsubscribe: ['*'] })).toEqual([]);
    expect(script.publish({ cluster: { a: '2', b: '2' } })).toEqual(['cluster a@2']);
    script.ack('cluster');
    expect(script.request('cluster', { unsubscribe: ['a'] })).toEqual([]);
    expect(script.publish({ cluster: { a: '3', b: '3' } })).toEqual([]);
  });

  test('C6: nothing is sent to who has it: not on an ACK, not for equal content, not for what is not subscribed', () => {
    const script = XdsScript.of({ cluster: { a: '1' }, route: { x: '1' } });
    script.request('cluster');
    expect(script.ack('cluster')).toEqual([]);
    expect(script.publish({ cluster: { a: '1' }, route: { x: '2' } })).toEqual([]);
    expect(script.publish({ cluster: { a: '1', b: '1' } })).toEqual(['cluster b@1']);
  });

  test('C7: a refused version is not sent again, a new one is, and a NACK may carry subscriptions', () => {
    const script = XdsScript.of({ endpoints: { a: '1', b: '1' } });
    script.request('endpoints', SUBSCRIBE_A);
    script.takeReports();
    expect(script.nack('endpoints', 'no', { subscribe: ['b'] })).toEqual(['endpoints b@1']);
    expect(script.takeReports()).toEqual([
      {
        kind: 'rejected',
        typeUrl: TYPE_URL.endpoints,
        nonce: '1',
        revision: 'r1',
        names: ['a'],
        message: 'no',
        isolating: false,
      },
      { kind: 'subscribed', typeUrl: TYPE_URL.endpoints, asked: ['b'], left: [] },
    ]);
    script.ack('endpoints');
    expect(script.wait(5_000)).toEqual([]);
    expect(script.publish({ endpoints: { a: '1', b: '1' }, route: {} })).toEqual([]);
    expect(script.publish({ endpoints: { a: '2', b: '1' } })).toEqual(['endpoints a@2']);
  });

  test('C8: of a rejection with names, the others are sent again and the bad one is not', () => {
    const script = XdsScript.of({ cluster: { bad: '1', good: '1' } });
    script.request('cluster');
    expect(script.nack('cluster', 'Error adding/updating cluster(s) bad: why')).toEqual(['cluster good@1']);
    expect(script.ack('cluster')).toEqual([]);
    expect(script.wait(60_000)).toEqual([]);
  });

  test('C8: without a name the response is halved until the bad one stands alone', () => {
    const script = XdsScript.of({ endpoints: { a: '1', b: '1', c: '1', d: '1' } });
    script.request('endpoints', { subscribe: ['a', 'b', 'c', 'd'] });
    expect(script.nack('endpoints', 'unknown fields')).toEqual(['endpoints a@1 b@1']);
    expect(script.ack('endpoints')).toEqual(['endpoints c@1 d@1']);
    expect(script.nack('endpoints', 'unknown fields')).toEqual(['endpoints c@1']);
    script.takeReports();
    expect(script.nack('endpoints', 'unknown fields')).toEqual(['endpoints d@1']);
    expect(script.takeReports()).toMatchObject([{ kind: 'rejected', names: ['c'], isolating: false }]);
    expect(script.ack('endpoints')).toEqual([]);
  });

  test('C8: what came with a refused response and is no longer wanted is removed by name', () => {
    const script = XdsScript.of({ cluster: { old: '1' } });
    script.request('cluster');
    script.ack('cluster');
    script.publish({ cluster: { old: '1', bad: '1', good: '1' } });
    script.nack('cluster', 'Error adding/updating cluster(s) bad: why');
    script.publish({ cluster: { old: '1' } });
    expect(script.ackAll()).toEqual(['cluster -bad -good']);
  });

  test('C8: what a refused response left behind is removed on the next stream, though the proxy does not list it', () => {
    const script = XdsScript.of({ cluster: { old: '1', bad: '1', good: '1' } });
    script.request('cluster');
    const next = script.reconnect();
    next.publish({ cluster: { old: '1' } });
    expect(next.request('cluster', { initialVersions: new Map([['old', '1']]) })).toEqual(['cluster']);
    next.ack('cluster');
    expect(next.wait(1_000)).toEqual(['cluster -bad -good']);
  });

  test('C9: a name that does not exist yet is sent when it does', () => {
    const script = XdsScript.of({});
    script.request('endpoints', SUBSCRIBE_A);
    script.ack('endpoints');
    expect(script.publish({ endpoints: { a: '1' } })).toEqual(['endpoints a@1']);
  });

  test('C12: a closed stream does nothing more', () => {
    const script = XdsScript.of({ cluster: { a: '1' } });
    script.request('cluster');
    script.close();
    expect(script.publish({ cluster: { a: '2' } })).toEqual([]);
    expect(script.request('cluster', SUBSCRIBE_A)).toEqual([]);
  });

  test('C14: an unknown type is accepted and waits', () => {
    const script = XdsScript.of({});
    expect(script.request('custom', { subscribe: ['*'] })).toEqual(['custom']);
    script.ack('custom');
    expect(script.publish({ custom: { x: '1' } })).toEqual(['custom x@1']);
  });
});

describe('delta', () => {
  test('D1: a stale nonce never drops a subscription', () => {
    const script = XdsScript.of({ endpoints: { a: '1', b: '1' } });
    script.request('endpoints', SUBSCRIBE_A);
    script.ack('endpoints');
    expect(script.request('endpoints', { nonce: 'stale', subscribe: ['b'] })).toEqual(['endpoints b@1']);
  });

  test('D2: a name that is asked for is answered, also if it is subscribed and current', () => {
    const script = XdsScript.of({ endpoints: { a: '1' } });
    script.request('endpoints', SUBSCRIBE_A);
    script.ack('endpoints');
    expect(script.request('endpoints', SUBSCRIBE_A)).toEqual(['endpoints a@1']);
  });

  test('D3: an unknown name is answered as removed, and watched', () => {
    const script = XdsScript.of({});
    expect(script.request('endpoints', SUBSCRIBE_A)).toEqual(['endpoints -a']);
    script.ack('endpoints');
    expect(script.publish({ endpoints: { a: '1' } })).toEqual(['endpoints a@1']);
  });

  test('D4: who leaves a name under a wildcard is told what it still gets; a name never asked for is not', () => {
    const script = XdsScript.of({ cluster: { a: '1' } });
    script.request('cluster', { subscribe: ['*', 'a', 'gone'] });
    script.ack('cluster');
    expect(script.request('cluster', { unsubscribe: ['a', 'gone'] })).toEqual(['cluster a@1 -gone']);
    script.ack('cluster');
    expect(script.request('cluster', { unsubscribe: ['a', 'phantom'] })).toEqual([]);
  });

  test('D5: a reconnecting client gets only what differs, and a wildcard an answer in any case', () => {
    const script = XdsScript.of({ cluster: { same: '1', changed: '2', fresh: '1' }, endpoints: { same: '1' } });
    const initialVersions = new Map([
      ['same', '1'],
      ['changed', '1'],
      ['gone', '1'],
    ]);
    expect(script.request('cluster', { initialVersions })).toEqual(['cluster changed@2 fresh@1']);
    const same = new Map([['same', '1']]);
    expect(script.request('endpoints', { subscribe: ['same'], initialVersions: same })).toEqual([]);
    expect(script.ack('cluster')).toEqual([]);
    expect(script.wait(1_000)).toEqual(['cluster -gone']);
  });

  test('D5: with nothing to tell, the first wildcard answer is empty', () => {
    const script = XdsScript.of({ cluster: { same: '1' } });
    expect(script.request('cluster', { initialVersions: new Map([['same', '1']]) })).toEqual(['cluster']);
  });

  test('D6: a version is a function of the content', () => {
    const bytes = new TextEncoder().encode('content');
    expect(resourceOf('a', bytes)).toEqual({ name: 'a', version: 'ed7002b439e9ac845f22357d822bac14', bytes });
  });

  test('D7: a rejection changes no acknowledged revision: only what was acknowledged is reported so', () => {
    const script = XdsScript.of({ cluster: { a: '1' } });
    script.request('cluster');
    script.ack('cluster');
    script.publish({ cluster: { a: '2' } });
    script.takeReports();
    script.nack('cluster', 'no');
    expect(script.takeReports().map((report) => report.kind)).toEqual(['rejected']);
  });

  test('D8: a large content is split', () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`c${index}`, '1']));
    const script = XdsScript.of({ cluster: many });
    const sent = [...script.request('cluster'), ...script.ackAll()];
    expect(sent.map((response) => response.split(' ').length - 1)).toEqual(Array.from({ length: 20 }, () => 500));
  });
});

test('a stream that is further behind than what is remembered is ended, so that it starts again', () => {
  const script = XdsScript.of({ endpoints: { a: '1' } });
  script.request('endpoints', { subscribe: ['a'] });
  const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`e${index}`, '1']));
  script.publish({ endpoints: many });
  script.publish({ endpoints: {} });
  script.publish({ endpoints: { b: '1' } });
  expect(script.closing).toEqual({ code: 'unavailable', message: 'the stream is too far behind: connect again' });
});
