import { expect, test } from 'vitest';
import type { TypeStatus } from '../../core/xds/stream-status.ts';
import type { ProxyStatus as XdsProxyStatus } from '../../io/grpc/xds-events.ts';
import type { ProxyStatus } from './server-status.ts';
import { proxyStatuses } from './status-of.ts';

const proxy: XdsProxyStatus = {
  ...{ stream: 1, node: 'edge-1', fleet: 'edge', peer: '127.0.0.1:1', version: '1.40.0', connectedAtMs: 5 },
  ...{ held: undefined, offered: 'sha256:b', fullyAcknowledged: 'sha256:b', types: [] },
  pushed: { responses: 0, resources: 0, bytes: 0 },
};
const shown: ProxyStatus = { node: 'edge-1', fleet: 'edge', version: '1.40.0', connectedAtMs: 5 };

function listeners(revision: string, refused: readonly string[]): TypeStatus {
  const rejection = { atMs: 1, revision, names: ['edge'], message: 'Address in use' };
  return {
    ...{ typeUrl: 'type.googleapis.com/envoy.config.listener.v3.Listener', acknowledged: 'sha256:a' },
    ...{ subscribed: '*', unanswered: 0, refused, rejection },
  };
}

test.each<[string, Partial<XdsProxyStatus>, Partial<ProxyStatus>]>([
  ['has what it is offered', {}, { digest: 'sha256:b' }],
  ['has nothing yet', { fullyAcknowledged: undefined }, {}],
  ['serves by the live revision, and takes the next', { fullyAcknowledged: 'sha256:a' }, {}],
  ['serves by one that is gone', { fullyAcknowledged: 'sha256:old' }, { outdated: 'sha256:old' }],
  [
    'is offered one that is gone',
    { offered: 'sha256:old', fullyAcknowledged: 'sha256:old' },
    {
      ...{ digest: 'sha256:old', outdated: 'sha256:old' },
    },
  ],
  [
    'belongs to no fleet',
    { held: 'unknown-fleet', offered: undefined, fullyAcknowledged: undefined },
    {
      held: 'unknown-fleet',
    },
  ],
  [
    'refuses what it is offered',
    { fullyAcknowledged: 'sha256:a', types: [listeners('sha256:b', ['edge'])] },
    {
      refusal: 'Address in use',
    },
  ],
  [
    'refused the offered revision in part',
    { types: [listeners('sha256:b', [])] },
    {
      ...{ digest: 'sha256:b', refusal: 'Address in use' },
    },
  ],
  [
    'refused what is still wanted',
    { types: [listeners('sha256:a', ['edge'])] },
    {
      ...{ digest: 'sha256:b', refusal: 'Address in use' },
    },
  ],
  ['refused once what nobody wants any more', { types: [listeners('sha256:a', [])] }, { digest: 'sha256:b' }],
])('a proxy that %s', (_what, parts, expected) => {
  expect(proxyStatuses([{ ...proxy, ...parts }], ['sha256:a', 'sha256:b'])).toEqual([{ ...shown, ...expected }]);
});
