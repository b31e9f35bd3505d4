import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../src/app/demo/stack/free-port.ts';
import { OwnedProcess } from '../../src/app/demo/stack/owned-process.ts';
import { requiredTool } from '../../src/io/tools/find-tool.ts';

/** An Envoy that does nothing but route: what everything else is a multiple of. */
export interface PlainEnvoy {
  readonly process: OwnedProcess;
  readonly port: number;
}

/** Starts an Envoy with one listener, one route and the router, before the same upstreams. */
export async function startPlainEnvoy(folder: string, upstreamPorts: readonly number[]): Promise<PlainEnvoy> {
  const port = await freePort();
  const file = join(folder, 'plain.json');
  await writeFile(file, JSON.stringify(configuration(port, upstreamPorts)));
  const process = new OwnedProcess({
    name: 'plain envoy',
    program: requiredTool('envoy'),
    argv: ['--config-path', file, '--concurrency', '1', '--log-level', 'warning', '--disable-hot-restart'],
    logFile: join(folder, 'plain.log'),
    output: 'log',
  });
  return { process, port };
}

const EXTENSIONS = 'type.googleapis.com/envoy.extensions';

function configuration(port: number, upstreamPorts: readonly number[]) {
  const manager = {
    '@type': `${EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: 'plain',
    route_config: {
      virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'all' } }] }],
    },
    http_filters: [{ name: 'router', typed_config: { '@type': `${EXTENSIONS}.filters.http.router.v3.Router` } }],
  };
  return {
    static_resources: {
      listeners: [
        {
          name: 'plain',
          address: address(port),
          filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }],
        },
      ],
      clusters: [
        {
          name: 'all',
          type: 'STATIC',
          load_assignment: {
            cluster_name: 'all',
            endpoints: [{ lb_endpoints: upstreamPorts.map((each) => ({ endpoint: { address: address(each) } })) }],
          },
        },
      ],
    },
  };
}

function address(port: number) {
  return { socket_address: { address: '127.0.0.1', port_value: port } };
}
