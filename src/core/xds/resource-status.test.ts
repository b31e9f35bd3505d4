import { expect, test } from 'vitest';
import { XdsScript } from '../../../test/support/xds-script.ts';
import { resourceStatuses } from './resource-status.ts';

function shown(script: XdsScript): string[] {
  const { stream } = script;
  if (stream.kind !== 'open') return [];
  return resourceStatuses(stream).map(({ name, status, resource, rejection }) =>
    `${name}@${resource?.version} ${status} ${rejection?.message ?? ''}`.trim(),
  );
}

test('V1: a resource is stale until it is acknowledged, in error when it is refused, and not sent before its turn', () => {
  const script = XdsScript.of({ cluster: { a: '1', b: '1' }, listener: { l: '1' } });
  script.request('cluster');
  script.request('listener');
  expect(shown(script)).toEqual(['a@1 stale', 'b@1 stale', 'l@1 not-sent']);
  script.nack('cluster', 'Error adding/updating cluster(s) b: why');
  script.ack('cluster');
  const refused = 'b@1 error Error adding/updating cluster(s) b: why';
  expect(shown(script)).toEqual(['a@1 synced', refused, 'l@1 not-sent']);
});

test('V1: a name that does not exist is shown, too', () => {
  const script = XdsScript.of({ endpoints: { a: '1' } });
  script.request('endpoints', { subscribe: ['a', 'z'] });
  script.ack('endpoints');
  expect(shown(script)).toEqual(['a@1 synced', 'z@undefined not-sent']);
});
