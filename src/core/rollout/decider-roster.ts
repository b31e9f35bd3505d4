import type { Digest } from '../base/digest.ts';
import { sortedBy } from '../base/text-order.ts';

/** A decider of its own that registered here, by its name in the roster. */
export interface RegisteredDecider {
  /** New at each of its starts. */
  readonly instance: string;
  /** Where proxies reach it, empty where none shall be told of it. */
  readonly address: string;
  readonly version: string;
  readonly held: ReadonlySet<Digest>;
  /** `expected` has no connection to us since then, which says nothing of the one that proxies have to it. */
  readonly presence:
    | { readonly kind: 'connected' }
    | { readonly kind: 'leaving' }
    | { readonly kind: 'expected'; readonly sinceMs: number };
}

/** By name: unique, and the same after a restart of the decider. */
export type DeciderRoster = ReadonlyMap<string, RegisteredDecider>;

/**
 * How long one without a connection is taken to be there: longer than its waits between two calls and a restart of the
 * control plane. Proxies check its health meanwhile.
 */
export const EXPECTED_MS = 30_000;

export interface JoiningDecider {
  readonly decider: string;
  readonly instance: string;
  readonly address: string;
  readonly version: string;
}

/** One has connected. What it held before counts until it says what it holds now, if it was never restarted. */
export function join(roster: DeciderRoster, { decider, ...hello }: JoiningDecider): DeciderRoster {
  const before = roster.get(decider);
  const held = before?.instance === hello.instance ? before.held : new Set<Digest>();
  return new Map(roster).set(decider, { ...hello, held, presence: { kind: 'connected' } });
}

export function hold(roster: DeciderRoster, decider: string, digests: readonly Digest[]): DeciderRoster {
  return changed(roster, decider, { held: new Set(digests) });
}

/** It ends soon: no proxy shall come to it. */
export function leave(roster: DeciderRoster, decider: string): DeciderRoster {
  return changed(roster, decider, { presence: { kind: 'leaving' } });
}

/** Its connection is gone. One that said that it leaves is forgotten, another one may come back. */
export function lose(roster: DeciderRoster, decider: string, nowMs: number): DeciderRoster {
  if (roster.get(decider)?.presence.kind === 'leaving') return without(roster, [decider]);
  return changed(roster, decider, { presence: { kind: 'expected', sinceMs: nowMs } });
}

/** Forgets those that did not come back. The roster is the same object where nobody is forgotten. */
export function forgetLost(roster: DeciderRoster, nowMs: number): DeciderRoster {
  const gone = [...roster].filter(
    ([, { presence }]) => presence.kind === 'expected' && nowMs - presence.sinceMs >= EXPECTED_MS,
  );
  return without(
    roster,
    gone.map(([decider]) => decider),
  );
}

/** The addresses to which proxies may be sent: of those that hold all that is required. Sorted, without doubles. */
export function openAddresses(roster: DeciderRoster, required: Iterable<Digest>): string[] {
  const digests = [...required];
  const open = [...roster.values()].filter(
    ({ address, presence, held }) =>
      address !== '' && presence.kind !== 'leaving' && digests.every((digest) => held.has(digest)),
  );
  return sortedBy([...new Set(open.map(({ address }) => address))], (address) => address);
}

/** Those that hold all that was required so far, and not yet the next digest. One that lacks more is not waited for. */
export function lacking(roster: DeciderRoster, digest: Digest, required: Iterable<Digest>): string[] {
  const before = [...required];
  return [...roster].flatMap(([decider, { presence, held }]) => {
    const isWaitedFor = presence.kind === 'connected' && before.every((each) => held.has(each));
    return isWaitedFor && !held.has(digest) ? [decider] : [];
  });
}

function changed(roster: DeciderRoster, decider: string, change: Partial<RegisteredDecider>): DeciderRoster {
  const before = roster.get(decider);
  return before === undefined ? roster : new Map(roster).set(decider, { ...before, ...change });
}

function without(roster: DeciderRoster, deciders: readonly string[]): DeciderRoster {
  if (!deciders.some((decider) => roster.has(decider))) return roster;
  return new Map([...roster].filter(([decider]) => !deciders.includes(decider)));
}
