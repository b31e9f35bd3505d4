import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ENVOY_ARGUMENTS } from '../../../core/envoy/bootstrap.ts';
import { requiredTool } from '../../../io/tools/find-tool.ts';
import { freePort } from './free-port.ts';
import { type HeadgateAddresses, runHeadgate } from './headgate-process.ts';
import { OwnedProcess } from './owned-process.ts';
import { askOverSocket } from './socket-request.ts';

export interface ProxyOptions {
  readonly nodeId: string;
  readonly folder: string;
  readonly headgate: HeadgateAddresses;
  /** The listeners of its fleet: each gets a port of its own, the first is the one that clients use. Default: `api`. */
  readonly listeners?: readonly string[];
}

/** A real Envoy, configured by nothing but what `headgate bootstrap` printed. */
export interface ProxyProcess {
  readonly nodeId: string;
  readonly process: OwnedProcess;
  /** Where clients reach it, such as http://127.0.0.1:40123. */
  readonly url: string;
  /** Its counters and gauges whose names match, by name. */
  readonly stats: (filter: RegExp) => Promise<Readonly<Record<string, number>>>;
}

/** Starts an Envoy of the fleet "edge". It may not be configured yet when this resolves. */
export async function startProxyProcess(options: ProxyOptions): Promise<ProxyProcess> {
  const { nodeId, folder, headgate, listeners = ['api'] } = options;
  const ports = await Promise.all(listeners.map(freePort));
  const admin = join(folder, `${nodeId}.sock`);
  const bootstrap = await runHeadgate([
    ...['bootstrap', '--fleet', 'edge', '--node-id', nodeId],
    ...listeners.flatMap((listener, index) => ['--port', `${listener}=${ports[index]}`]),
    ...['--xds', headgate.xds, '--ext-proc', headgate.extProc, '--admin', `unix:${admin}`],
  ]);
  const file = join(folder, `${nodeId}.json`);
  await writeFile(file, bootstrap);
  const process = new OwnedProcess({
    name: `envoy ${nodeId}`,
    program: requiredTool('envoy'),
    argv: [
      ...['--config-path', file, ...ENVOY_ARGUMENTS, '--reject-unknown-dynamic-fields'],
      ...['--concurrency', '1', '--log-level', 'warning'],
    ],
    logFile: join(folder, `${nodeId}.log`),
    output: 'log',
  });
  return {
    nodeId,
    process,
    url: `http://127.0.0.1:${ports[0]}`,
    stats: async (filter) => {
      const text = await askOverSocket(admin, `/stats?filter=${encodeURIComponent(filter.source)}`);
      return Object.fromEntries([...text.matchAll(/^(\S+): (\d+)$/gm)].map(([, name, value]) => [name, Number(value)]));
    },
  };
}
