import { openingRequests, XdsLoadClient } from './xds-load-client.ts';

/** How many proxies of which fleet to play, and what they ask for: names of each type, none for all of them. */
export interface DeltaClientsJob {
  readonly port: number;
  readonly cluster: string;
  readonly count: number;
  readonly subscriptions: readonly { readonly typeUrl: string; readonly names: readonly string[] }[];
}

/** Fewer than wait in the queue of a listening socket. */
const CONNECTING_MAX = 50;

const clients: XdsLoadClient[] = [];

/** Connects the clients and answers when each was sent something; they live until the parent lets go. */
process.on('message', async ({ port, cluster, count, subscriptions }: DeltaClientsJob) => {
  const wanted = new Map(subscriptions.map(({ typeUrl, names }) => [typeUrl, names]));
  const opening = openingRequests(wanted);
  const connected = (index: number) =>
    new Promise<void>((resolve) => {
      const shared = { port, cluster, variant: 'delta', wanted, opening, reads: true } as const;
      const onClosed = () => {
        throw new Error(`the connection of client ${index} ended`);
      };
      clients.push(new XdsLoadClient({ ...shared, node: `client-${index}`, onResponse: () => resolve(), onClosed }));
    });
  for (let first = 0; first < count; first += CONNECTING_MAX) {
    const some = Array.from({ length: Math.min(CONNECTING_MAX, count - first) }, (_item, index) => first + index);
    await Promise.all(some.map(connected));
  }
  process.send?.({ connected: count });
});
process.on('disconnect', () => process.exit());
