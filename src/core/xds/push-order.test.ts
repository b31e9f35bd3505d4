import { expect, test } from 'vitest';
import { type Content, XdsScript } from '../../../test/support/xds-script.ts';
import { TYPE_URL } from './type-url.ts';

const FIRST: Content = {
  secret: { key: '1' },
  cluster: { x: '1' },
  endpoints: { x: '1' },
  listener: { l: '1' },
  route: { r: '1' },
};

/** The same routes, now to cluster y. */
const MOVED: Content = {
  secret: { key: '1', other: '1' },
  cluster: { y: '1' },
  endpoints: { y: '1' },
  listener: { l: '2' },
  route: { r: '2' },
};

/** A proxy that asked for everything of a content and acknowledged it. */
function settled(content: Content): XdsScript {
  const script = XdsScript.of(content);
  script.request('cluster');
  script.request('endpoints', { subscribe: Object.keys(content.endpoints ?? {}) });
  script.request('secret', { subscribe: Object.keys(content.secret ?? {}) });
  script.ackAll();
  script.request('listener');
  script.request('route', { subscribe: Object.keys(content.route ?? {}) });
  script.ackAll();
  script.takeReports();
  return script;
}

test('O1: make before break: each type after the ACK of those below it, removals last and from the top', () => {
  const script = settled(FIRST);
  expect(script.publish(MOVED)).toEqual(['cluster y@1']);
  // Envoy asks for what the new cluster needs, and acknowledges the cluster when it is warm.
  expect(script.request('endpoints', { subscribe: ['y'] })).toEqual(['endpoints y@1']);
  expect(script.request('secret', { subscribe: ['other'] })).toEqual(['secret other@1']);
  expect(script.ack('secret')).toEqual([]);
  expect(script.ack('endpoints')).toEqual([]);
  expect(script.ack('cluster')).toEqual(['listener l@2']);
  expect(script.ack('listener')).toEqual(['route r@2']);
  expect(script.ack('route')).toEqual(['cluster -x']);
  expect(script.ack('cluster', {})).toEqual(['endpoints -x']);
  expect(script.ack('endpoints')).toEqual([]);
});

test('O1: a removed listener goes before its routes, they before the clusters', () => {
  const script = settled(FIRST);
  expect(script.publish({})).toEqual(['listener -l']);
  expect(script.ack('listener')).toEqual(['route -r']);
  expect(script.ack('route')).toEqual(['cluster -x']);
  expect(script.ack('cluster')).toEqual(['endpoints -x', 'secret -key']);
});

test('O1: a proxy that reconnects with old routes keeps their cluster until it has the new ones', () => {
  const script = XdsScript.of(MOVED);
  expect(script.request('cluster', { initialVersions: new Map([['x', '1']]) })).toEqual(['cluster y@1']);
  expect(script.ack('cluster')).toEqual([]);
  script.request('listener', { initialVersions: new Map([['l', '2']]) });
  script.ack('listener');
  const old = { subscribe: ['r'], initialVersions: new Map([['r', '1']]) };
  expect(script.request('route', old)).toEqual(['route r@2']);
  expect(script.ack('route')).toEqual(['cluster -x']);
});

test('O2: a type waits 5 s for an ACK and no longer, and that is reported', () => {
  const script = settled(FIRST);
  script.publish({ ...FIRST, cluster: { x: '2' }, route: { r: '2' } });
  script.ack('endpoints');
  expect(script.wait(4_999)).toEqual([]);
  script.takeReports();
  expect(script.wait(1)).toEqual(['route r@2']);
  expect(script.takeReports()).toEqual([
    { kind: 'gate-expired', typeUrl: TYPE_URL.route, unacknowledged: [TYPE_URL.cluster] },
  ]);
});

test('O2: no removal is sent without the ACKs, however long it takes', () => {
  const script = settled(FIRST);
  script.publish({ ...FIRST, cluster: {}, endpoints: {}, route: { r: '2' } });
  expect(script.wait(60_000)).toEqual([]);
  expect(script.ack('route')).toEqual(['cluster -x']);
});

test('O2: a route is not sent while its cluster is refused, and is once the cluster is replaced', () => {
  const script = settled(FIRST);
  script.publish({ ...FIRST, cluster: { x: '1', y: 'bad' }, route: { r: '2' } });
  expect(script.nack('cluster', 'Error adding/updating cluster(s) y: why')).toEqual([]);
  expect(script.wait(60_000)).toEqual([]);
  expect(script.publish({ ...FIRST, cluster: { x: '1', y: 'good' }, route: { r: '2' } })).toEqual(['cluster y@good']);
  expect(script.ack('cluster')).toEqual(['route r@2']);
});

test('O2: a starting proxy whose cluster is refused gets no listener, not even the answer that there is none', () => {
  const script = XdsScript.of(FIRST);
  script.request('cluster');
  script.nack('cluster', 'why');
  expect(script.request('listener')).toEqual([]);
  expect(script.wait(60_000)).toEqual([]);
  expect(script.publish({ ...FIRST, cluster: { x: '2' } })).toEqual(['cluster x@2']);
  expect(script.ack('cluster')).toEqual(['listener l@1']);
});

test('O2: a refused listener stops the routes of its revision, but not those of later ones nor of other listeners', () => {
  const script = settled(FIRST);
  const next: Content = { ...FIRST, listener: { l: '1', held: '1' }, route: { r: '2', other: '1' } };
  script.publish(next);
  expect(script.nack('listener', 'Error adding/updating listener(s) held: in use\n')).toEqual([]);
  expect(script.request('route', { subscribe: ['other'] })).toEqual(['route other@1']);
  expect(script.ack('route')).toEqual([]);
  expect(script.publish({ ...next, route: { r: '3', other: '1' } })).toEqual(['route r@3']);
});

test('O1: endpoints that change all the time hold nothing back', () => {
  const script = settled(FIRST);
  script.publish({ ...FIRST, endpoints: { x: '2' } });
  script.publish({ ...FIRST, endpoints: { x: '3' }, cluster: {}, route: { r: '2' } });
  expect(script.ack('endpoints')).toEqual(['endpoints x@3', 'route r@2']);
  expect(script.ack('route')).toEqual(['cluster -x']);
});

test('O3: a changed cluster gets its unchanged endpoints again', () => {
  const script = settled(FIRST);
  expect(script.publish({ ...FIRST, cluster: { x: '2' } })).toEqual(['cluster x@2', 'endpoints x@1']);
});

test('O3: a proxy that reconnects gets the endpoints of a cluster that changed while it was away', () => {
  const script = XdsScript.of(FIRST);
  expect(script.request('cluster', { initialVersions: new Map([['x', '0']]) })).toEqual(['cluster x@1']);
  const current = { subscribe: ['x'], initialVersions: new Map([['x', '1']]) };
  expect(script.request('endpoints', current)).toEqual(['endpoints x@1']);
});

test('F1: one unanswered response per type, and what changes meanwhile is sent once', () => {
  const script = XdsScript.of({ endpoints: { a: '1' } });
  script.request('endpoints', { subscribe: ['a'] });
  for (const version of ['2', '3', '4']) expect(script.publish({ endpoints: { a: version } })).toEqual([]);
  expect(script.ack('endpoints')).toEqual(['endpoints a@4']);
});

test('F1: four unanswered responses of clusters, since Envoy answers none while one warms', () => {
  const script = XdsScript.of({ cluster: { a: '1' } });
  script.request('cluster');
  for (const version of ['2', '3', '4'])
    expect(script.publish({ cluster: { a: version } })).toEqual([`cluster a@${version}`]);
  expect(script.publish({ cluster: { a: '5' } })).toEqual([]);
  expect(script.publish({ cluster: { a: '6' } })).toEqual([]);
  expect(script.ack('cluster')).toEqual(['cluster a@6']);
});

test('a revision is fully acknowledged with the last ACK, removals included, and once', () => {
  const script = settled(FIRST);
  script.publish({ ...FIRST, cluster: { x: '1', y: '1' } });
  script.ack('cluster');
  expect(script.takeReports().at(-1)).toEqual({ kind: 'fully-acknowledged', revision: 'r2' });
  script.publish(FIRST);
  expect(script.takeReports()).toEqual([]);
  script.ack('cluster');
  expect(script.takeReports().at(-1)).toEqual({ kind: 'fully-acknowledged', revision: 'r3' });
  script.wait(60_000);
  expect(script.takeReports()).toEqual([]);
});

test('a starting proxy has not acknowledged a revision before it asked for its listeners and routes', () => {
  const script = XdsScript.of({ cluster: { x: '1' }, listener: { l: '1' }, route: { r: '1' } });
  script.request('cluster');
  script.ack('cluster');
  script.wait(60_000);
  script.request('listener');
  script.ack('listener');
  const kinds = () => script.takeReports().map((report) => report.kind);
  expect(kinds()).not.toContain('fully-acknowledged');
  script.request('route', { subscribe: ['r'] });
  script.ack('route');
  expect(kinds()).toContain('fully-acknowledged');
});

test('a route that no listener asks for holds the acknowledgement of a revision up for a second', () => {
  const script = settled(FIRST);
  script.publish({ ...FIRST, route: { r: '1', unused: '1' } });
  expect(script.takeReports()).toEqual([]);
  script.wait(999);
  expect(script.takeReports()).toEqual([]);
  script.wait(1);
  expect(script.takeReports()).toEqual([{ kind: 'fully-acknowledged', revision: 'r2' }]);
});
