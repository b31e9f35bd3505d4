import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OwnedProcess } from '../../src/app/demo/stack/owned-process.ts';
import { requiredTool } from '../../src/io/tools/find-tool.ts';

/** A listener of a static Envoy: its port and its routes, as envoy.config.route.v3.Route. */
export interface StaticListener {
  readonly port: number;
  readonly routes: readonly object[];
}

export interface StaticEnvoyOptions {
  readonly name: string;
  readonly folder: string;
  readonly listeners: readonly StaticListener[];
  /** Ports on loopback, by the name of their cluster. */
  readonly clusters?: Readonly<Record<string, readonly number[]>>;
}

/** An Envoy with nothing but listeners, routes and the router. */
export async function startStaticEnvoy({
  name,
  folder,
  listeners,
  clusters,
}: StaticEnvoyOptions): Promise<OwnedProcess> {
  const file = join(folder, `${name}.json`);
  const resources = {
    listeners: listeners.map(({ port, routes }) => listener(port, routes)),
    clusters: Object.entries(clusters ?? {}).map(([cluster, ports]) => staticCluster(cluster, ports)),
  };
  await writeFile(file, JSON.stringify({ static_resources: resources }));
  return new OwnedProcess({
    name,
    program: requiredTool('envoy'),
    argv: ['--config-path', file, '--concurrency', '1', '--log-level', 'warning', '--disable-hot-restart'],
    logFile: join(folder, `${name}.log`),
    output: 'log',
  });
}

const EXTENSIONS = 'type.googleapis.com/envoy.extensions';

function listener(port: number, routes: readonly object[]) {
  const manager = {
    '@type': `${EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: 'static',
    route_config: { virtual_hosts: [{ name: 'all', domains: ['*'], routes }] },
    http_filters: [{ name: 'router', typed_config: { '@type': `${EXTENSIONS}.filters.http.router.v3.Router` } }],
  };
  return {
    name: `port-${port}`,
    address: address(port),
    filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }],
  };
}

function staticCluster(name: string, ports: readonly number[]) {
  const endpoints = ports.map((port) => ({ endpoint: { address: address(port) } }));
  return {
    name,
    type: 'STATIC',
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: endpoints }] },
  };
}

function address(port: number) {
  return { socket_address: { address: '127.0.0.1', port_value: port } };
}
