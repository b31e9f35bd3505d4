import type { GrpcFailure } from '../../io/net/grpc-method.ts';
import type { Log } from '../log.ts';

/** Whoever floods a listener must not flood the log. */
const LOG_INTERVAL_MS = 10_000;

/** Tells what peers do wrong below the protocol: of each kind the first, and then how many it left out. */
export function peerFailureLog(
  log: Pick<Log, 'warn'>,
  what: string,
  monotonicMs: () => number,
): (failure: Pick<GrpcFailure, 'code' | 'peer'>) => void {
  const kinds = new Map<GrpcFailure['code'], { toldMs: number; untold: number }>();
  return ({ code, peer }) => {
    const kind = kinds.get(code) ?? { toldMs: Number.NEGATIVE_INFINITY, untold: 0 };
    kinds.set(code, kind);
    kind.untold += 1;
    if (monotonicMs() - kind.toldMs < LOG_INTERVAL_MS) return;
    log.warn({ code, peer, count: kind.untold }, what);
    kind.toldMs = monotonicMs();
    kind.untold = 0;
  };
}
