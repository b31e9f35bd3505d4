import { Counter, type Registry } from 'prom-client';
import type { Log } from './log.ts';

/** A server of ours that others connect to. */
export type ServerName = 'xds' | 'bundles' | 'ext_proc';

/** What a peer did wrong, by a stable code. */
export interface PeerFailure {
  readonly code: string;
  readonly peer?: string;
  readonly detail?: string;
}

/** Whoever floods a listener must not flood the log. */
const LOG_INTERVAL_MS = 60_000;

const WHAT: { readonly [server in ServerName]: string } = {
  xds: 'proxy connection',
  bundles: 'decider connection',
  ext_proc: 'ext_proc stream',
};

/**
 * Counts what peers of a server do wrong, as `headgate_SERVER_connection_failures_total`, and logs of each kind the first,
 * and then once a minute at most how many there were.
 */
export function peerFailures(
  server: ServerName,
  registry: Registry,
  log: Pick<Log, 'warn'>,
  monotonicMs: () => number = () => performance.now(),
): (failure: PeerFailure) => void {
  const failures = new Counter({
    name: `headgate_${server}_connection_failures_total`,
    help: 'What peers did wrong, by kind.',
    labelNames: ['code'],
    registers: [registry],
  });
  const kinds = new Map<string, { toldMs: number; untold: number }>();
  return ({ code, peer, detail }) => {
    failures.inc({ code });
    const kind = kinds.get(code) ?? { toldMs: Number.NEGATIVE_INFINITY, untold: 0 };
    kinds.set(code, kind);
    kind.untold += 1;
    if (monotonicMs() - kind.toldMs < LOG_INTERVAL_MS) return;
    log.warn({ code, peer, detail, count: kind.untold }, WHAT[server]);
    kind.toldMs = monotonicMs();
    kind.untold = 0;
  };
}
