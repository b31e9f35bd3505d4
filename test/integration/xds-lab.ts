import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import type { FleetResource } from '../../src/io/grpc/fleet-content.ts';
import type { XdsServerEvent } from '../../src/io/grpc/xds-events.ts';
import { startXdsServer, type XdsServer, type XdsServerOptions } from '../../src/io/grpc/xds-server.ts';

export interface XdsLab {
  readonly server: XdsServer;
  readonly target: string;
  readonly port: number;
  readonly events: readonly XdsServerEvent[];
  /** The first event that fits of those not given before, now or when it comes. */
  until(fits: (event: XdsServerEvent) => boolean): Promise<XdsServerEvent>;
}

/** A server on a free port of loopback, with every event kept. */
export async function startXdsLab(options: Partial<XdsServerOptions> = {}): Promise<XdsLab> {
  const events: XdsServerEvent[] = [];
  const waiting: { fits: (event: XdsServerEvent) => boolean; resolve: (event: XdsServerEvent) => void }[] = [];
  const given = new Set<XdsServerEvent>();
  const server = await startXdsServer({
    listen: [{ host: '127.0.0.1', port: 0 }],
    placeNode: (node) => ({ fleet: node.cluster === '' ? undefined : node.cluster }),
    secretResource: (name, value) => resource(TYPE_URL.secret, `secret/${name}`, value),
    secretVersionKey: new TextEncoder().encode('a key for tests'),
    onEvent: (event) => {
      events.push(event);
      const index = waiting.findIndex(({ fits }) => fits(event));
      if (index < 0) return;
      given.add(event);
      waiting.splice(index, 1)[0]?.resolve(event);
    },
    controlPlane: 'test',
    ...options,
  });
  const [address] = server.addresses;
  const port = address !== undefined && 'port' in address ? address.port : 0;
  return {
    server,
    port,
    target: `127.0.0.1:${port}`,
    events,
    until(fits) {
      const found = events.find((event) => !given.has(event) && fits(event));
      if (found === undefined) return new Promise((resolve) => waiting.push({ fits, resolve }));
      given.add(found);
      return Promise.resolve(found);
    },
  };
}

/** A resource whose bytes are a text: the server does not look into them. */
export function resource(typeUrl: string, name: string, text: string): FleetResource {
  return { typeUrl, name, bytes: new TextEncoder().encode(text) };
}
