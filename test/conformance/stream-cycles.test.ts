import { once } from 'node:events';
import { connect } from 'node:http2';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { create, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { framed } from '../../src/core/base/grpc-frame.ts';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import { DeltaDiscoveryRequestSchema } from '../../src/gen/envoy/service/discovery/v3/discovery_pb.js';
import { startXdsLab } from '../integration/xds-lab.ts';
import { namedOnly } from '../support/adapter-resource.ts';

const HEADERS = {
  ':method': 'POST',
  ':path': '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources',
  'content-type': 'application/grpc',
  te: 'trailers',
};
const NODE_IDS = 50;
const CYCLES = 10_000;
/** What so many streams would leave behind is many times as much. */
const GROWTH_BYTES_MAX = 2 * 1024 * 1024;

test('C12: ten thousand streams that come, get a response and are reset leave nothing behind', async () => {
  const lab = await startXdsLab({ onEvent: () => undefined });
  const resources = Array.from({ length: 100 }, (_, index) => ({
    typeUrl: TYPE_URL.cluster,
    name: `c${index}`,
    bytes: namedOnly(`c${index}`),
  }));
  lab.server.publish('edge', { revision: 'r1', resources, secretNames: [] });
  const session = connect(`http://${lab.target}`);
  const cycle = async (count: number) => {
    const request = create(DeltaDiscoveryRequestSchema, {
      typeUrl: TYPE_URL.cluster,
      node: { id: `proxy-${count % NODE_IDS}`, cluster: 'edge' },
    });
    const stream = session.request(HEADERS);
    stream.write(framed(toBinary(DeltaDiscoveryRequestSchema, request)));
    await once(stream, 'data');
    stream.close(8);
    await once(stream, 'close');
  };
  for (let count = 0; count < 500; count += 1) await cycle(count);
  const before = heapBytes();
  for (let count = 0; count < CYCLES; count += 1) await cycle(count);
  await expect.poll(() => lab.server.status()).toEqual([]);
  expect(heapBytes() - before).toBeLessThan(GROWTH_BYTES_MAX);
  session.close();
  lab.server.close();
});

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  return process.memoryUsage().heapUsed;
}
