import { DeltaClient, type Subscription } from './delta-client.ts';

/** How many proxies of which fleet to play, and what they ask for. */
export interface DeltaClientsJob {
  readonly port: number;
  readonly cluster: string;
  readonly count: number;
  readonly subscriptions: readonly Subscription[];
}

/** Fewer than wait in the queue of a listening socket. */
const CONNECTING_MAX = 50;

/** Connects the clients and answers; they live until the parent lets go. */
process.on('message', async ({ port, cluster, count, subscriptions }: DeltaClientsJob) => {
  const onFailure = (cause: Error) => {
    throw cause;
  };
  for (let first = 0; first < count; first += CONNECTING_MAX) {
    const some = Array.from(
      { length: Math.min(CONNECTING_MAX, count - first) },
      (_item, index) => new DeltaClient({ port, cluster, subscriptions, nodeId: `client-${first + index}`, onFailure }),
    );
    await Promise.all(some.map((client) => client.connected));
  }
  process.send?.({ connected: count });
});
process.on('disconnect', () => process.exit());
