import { concerns, watchedRef } from '../../io/git/watched-ref.ts';
import { formatListenAddress } from '../../io/net/listen-address.ts';
import {
  startWebhookServer,
  type WebhookOptions,
  type WebhookRefusal,
  type WebhookServer,
} from '../../io/webhooks/webhook-server.ts';
import type { Log } from '../log.ts';
import type { BootSettings } from '../settings/boot-settings.ts';
import { valueReader } from '../settings/value-source.ts';

/** Whoever floods the listener must not flood the log. */
const REFUSAL_LOG_INTERVAL_MS = 10_000;

/** Who hears of deliveries. */
interface WebhookListeners {
  readonly onPush: () => void;
  readonly onResult: WebhookOptions['onResult'];
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** Listens where the settings say so. @throws WebhookListenError */
export async function listenForWebhooks(
  { webhooks, repository }: Pick<BootSettings, 'webhooks' | 'repository'>,
  { onPush, onResult, log }: WebhookListeners,
): Promise<WebhookServer | undefined> {
  if (webhooks === undefined) return undefined;
  const ref = watchedRef(repository.ref);
  const { listen, tls, secrets } = webhooks;
  const server = await startWebhookServer({
    listen,
    ...(tls === undefined ? {} : { tls }),
    secrets: new Map([...secrets].map(([forge, source]) => [forge, valueReader(source)])),
    isWatched: (refs) => concerns(ref, refs),
    onPush,
    onResult,
    onRefusal: refusalLog(log, Date.now),
    nowMs: Date.now,
  });
  log.info({ address: formatListenAddress(server.address) }, 'webhooks are listened for');
  return server;
}

/** Tells a refusal, and with the next one that it tells, how many it left out. */
function refusalLog(log: Pick<Log, 'warn'>, nowMs: () => number): (refusal: WebhookRefusal) => void {
  let toldMs = Number.NEGATIVE_INFINITY;
  let untold = 0;
  return (refusal) => {
    untold += 1;
    if (nowMs() - toldMs < REFUSAL_LOG_INTERVAL_MS) return;
    log.warn({ ...refusal, count: untold }, 'webhook refused');
    toldMs = nowMs();
    untold = 0;
  };
}
