import { hash } from 'node:crypto';
import { perObjects } from '../../core/base/remember.ts';
import type { LoadedRevision } from '../../core/decide/loaded-revision.ts';
import type { DecisionRecord } from '../../core/decide/record.ts';
import { withoutRevokedKeys } from '../../core/decide/without-revoked-keys.ts';
import { type ExchangeEvent, openExchange } from '../../core/exchange/exchange.ts';
import type { ExchangePorts } from '../../core/exchange/ports.ts';
import { endExchange, step } from '../../core/exchange/step.ts';
import { ADAPT_ROLE } from '../../core/ir/wire-names.ts';
import { createLedger, type Ledger } from '../../core/load/ledger.ts';
import type { ExchangeOpening } from '../../io/http/ext-proc-server.ts';
import type { ExchangeHandler } from '../../io/http/ext-proc-stream.ts';
import { decisionIds } from './decision-ids.ts';
import { monotonicMs } from './monotonic-clock.ts';

/** Answers the exchanges of all proxies, each by the revision that its proxy names. */
export interface Decider {
  readonly ledger: Ledger;
  /** Takes in a revision; it stays until `forget`. */
  readonly hold: (loaded: LoadedRevision) => void;
  readonly forget: (digest: string) => void;
  readonly held: () => readonly string[];
  readonly revision: (digest: string) => LoadedRevision | undefined;
  /** Opens one ext_proc stream: what the server calls for each. */
  readonly open: (opening: ExchangeOpening) => ExchangeHandler;
}

export interface DeciderOptions {
  /** @param fleet the `node.cluster` of the proxy's fleet; empty where it does not say */
  readonly onRecord: (record: DecisionRecord, fleet: string) => void;
  /** Hears of a digest that a proxy names and that is not held; the proxy's request is refused. */
  readonly onUnknown: (digest: string) => void;
  /** What serves and what is on its way: by any other digest no key is admitted that the live one does not know. */
  readonly standing: () => Standing;
}

export interface Standing {
  readonly live: string | undefined;
  readonly candidate: string | undefined;
}

export function createDecider({ onRecord, onUnknown, standing }: DeciderOptions): Decider {
  const revisions = new Map<string, LoadedRevision>();
  const ledger = createLedger();
  const narrowed = perObjects(
    (old: LoadedRevision, live: LoadedRevision): LoadedRevision => ({
      ...old,
      revision: withoutRevokedKeys(old.revision, live.revision),
    }),
  );
  const withCurrentKeys = (digest: string, loaded: LoadedRevision): LoadedRevision => {
    const { live, candidate } = standing();
    if (live === undefined || digest === live || digest === candidate) return loaded;
    const current = revisions.get(live);
    return current === undefined ? loaded : narrowed(loaded, current);
  };
  const ports: ExchangePorts = {
    nowMs: Date.now,
    monotonicMs,
    newId: decisionIds(Date.now),
    hashKey: (key) => `sha256:${hash('sha256', key, 'hex')}`,
    revision: (digest) => {
      const loaded = revisions.get(digest);
      if (loaded !== undefined) return withCurrentKeys(digest, loaded);
      onUnknown(digest);
      return undefined;
    },
    ledger,
  };
  const tell = (events: readonly ExchangeEvent[], fleet = ''): void => {
    for (const event of events) onRecord(event.record, fleet);
  };
  return {
    ledger,
    hold: (loaded) => {
      revisions.set(loaded.revision.digest, loaded);
    },
    forget: (digest) => {
      revisions.delete(digest);
    },
    held: () => [...revisions.keys()],
    revision: (digest) => revisions.get(digest),
    open: (opening) => {
      const role = opening.role === ADAPT_ROLE ? 'adapt' : 'decide';
      let exchange = openExchange({ role, digest: opening.revision ?? '' }, monotonicMs());
      return {
        message: (request) => {
          const next = step(exchange, request, ports);
          exchange = next.exchange;
          tell(next.events, opening.fleet);
          return next;
        },
        end: () => {
          tell(endExchange(exchange, ports), opening.fleet);
          exchange = { kind: 'closed' };
        },
      };
    },
  };
}
