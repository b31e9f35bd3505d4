import { createServer } from 'node:http';
import { parseListenAddress } from '../src/app/settings/listen-address.ts';
import { TYPE_URL } from '../src/core/xds/type-url.ts';
import { startXdsServer } from '../src/io/grpc/xds-server.ts';
import { listenOn } from '../src/io/net/listen-address.ts';
import { withLauncherHeap } from './support/launcher-heap.ts';
import { type ChangedType, TYPE_OF, XdsFleet } from './support/xds-fleet.ts';

/**
 * A delta ADS server for measurements: one fleet for every node. BENCH_XDS and BENCH_CTL are HOST:PORT, BENCH_M is the
 * number of clusters, BENCH_N the number of clients that will come. `GET /ready`; `POST /change?n=K&type=cds|eds|rds|lds`.
 */
const DRAIN_MS = 1_000;

withLauncherHeap();

const fleet = new XdsFleet(Number(process.env.BENCH_M ?? '100'));
let revision = 0;

const server = await startXdsServer({
  listen: [parseListenAddress(process.env.BENCH_XDS ?? '127.0.0.1:18000')],
  placeNode: () => ({ fleet: 'bench' }),
  secretResource: (name) => ({ typeUrl: TYPE_URL.secret, name, bytes: new Uint8Array() }),
  secretVersionKey: new Uint8Array(32),
  controlPlane: 'headgate',
  onEvent: () => {
    // nobody listens
  },
  onFailure: ({ code }) => console.error(code),
});
publish();

const control = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://bench');
  const respond = (status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  request.resume();
  if (request.method === 'GET' && pathname === '/ready') respond(200, { streams: server.served().length });
  else if (request.method === 'POST' && pathname === '/change') {
    const type = searchParams.get('type') ?? 'cds';
    if (!isChangedType(type)) return respond(400, { error: 'type is cds, eds, rds or lds' });
    const names = fleet.change(type, Math.max(1, Number(searchParams.get('n') ?? '1') || 1));
    publish();
    respond(200, { rev: `${revision}`, type_url: TYPE_OF[type], names });
  } else respond(404, { error: 'GET /ready or POST /change' });
});
await listenOn(control, parseListenAddress(process.env.BENCH_CTL ?? '127.0.0.1:18001'));

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, async () => {
    control.close();
    control.closeAllConnections();
    await server.drain(DRAIN_MS);
    process.exit(0);
  });
}

function publish(): void {
  revision += 1;
  server.publish('bench', { revision: `${revision}`, resources: fleet.resources(), secretNames: [] });
}

function isChangedType(type: string): type is ChangedType {
  return Object.hasOwn(TYPE_OF, type);
}
