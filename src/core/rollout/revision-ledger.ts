import type { Digest } from '../base/digest.ts';

/**
 * Which revision serves, which one is on its way, and which commits were stopped. A pure machine: the shell feeds it
 * what happened and does what it answers.
 */
export interface RevisionLedger {
  /** The last revision that every proxy took, or that was there at the start. */
  readonly live?: RevisionMark;
  /** Published, and not yet acknowledged by every proxy. */
  readonly candidate?: RevisionMark;
  /** The newest commit that was looked at, and what came of it. */
  readonly newest?: CommitState;
  /** Digests that a proxy refused: they are not tried again, whichever commit brings them. */
  readonly frozen: readonly Digest[];
}

/** A revision and the commit that brought it. Another commit may bring the same one. */
export interface RevisionMark {
  readonly digest: Digest;
  readonly commit: string;
}

export type CommitState =
  | { readonly kind: 'serving'; readonly commit: string; readonly digest: Digest }
  | { readonly kind: 'rolling-out'; readonly commit: string; readonly digest: Digest }
  | { readonly kind: 'rejected'; readonly commit: string }
  | { readonly kind: 'frozen'; readonly commit: string; readonly digest: Digest };

export type RevisionEvent =
  | { readonly kind: 'rejected'; readonly commit: string }
  | { readonly kind: 'compiled'; readonly commit: string; readonly digest: Digest }
  /** Every connected proxy has the revision; so it is when none is connected. */
  | { readonly kind: 'acknowledged'; readonly digest: Digest }
  /** A proxy refused a resource of the revision. */
  | { readonly kind: 'refused'; readonly digest: Digest };

export type RevisionAction =
  /** Hand the revision to the fleets. */
  | { readonly kind: 'publish'; readonly digest: Digest }
  /** The revision is the one to start from next time. */
  | { readonly kind: 'keep'; readonly digest: Digest; readonly commit: string };

export interface RevisionStep {
  readonly ledger: RevisionLedger;
  readonly actions: readonly RevisionAction[];
}

/** Refused digests that are remembered: a commit that brings an older one is tried, and refused, once more. */
const FROZEN_MAX = 100;

export function startLedger(lastGood: RevisionMark | undefined): RevisionLedger {
  return { frozen: [], ...(lastGood === undefined ? {} : { live: lastGood }) };
}

/** Takes one event. What serves changes by a publish alone; a rejected or frozen commit changes nothing that serves. */
export function stepLedger(ledger: RevisionLedger, event: RevisionEvent): RevisionStep {
  switch (event.kind) {
    case 'rejected':
      return still({ ...ledger, newest: { kind: 'rejected', commit: event.commit } });
    case 'compiled':
      return compiled(ledger, event);
    case 'acknowledged':
      return acknowledged(ledger, event.digest);
    case 'refused':
      return refused(ledger, event.digest);
  }
}

function compiled(ledger: RevisionLedger, { commit, digest }: RevisionMark): RevisionStep {
  if (ledger.frozen.includes(digest)) return still({ ...ledger, newest: { kind: 'frozen', commit, digest } });
  const { candidate: before, ...rest } = ledger;
  if (ledger.live?.digest === digest) {
    const live = { digest, commit };
    const actions: RevisionAction[] = [{ kind: 'keep', digest, commit }];
    // A candidate under way is taken back; else the same meaning came again and nothing is pushed.
    if (before !== undefined) actions.unshift({ kind: 'publish', digest });
    return { ledger: { ...rest, live, newest: { kind: 'serving', commit, digest } }, actions };
  }
  const candidate = { digest, commit };
  return {
    ledger: { ...rest, candidate, newest: { kind: 'rolling-out', commit, digest } },
    actions: before?.digest === digest ? [] : [{ kind: 'publish', digest }],
  };
}

function acknowledged(ledger: RevisionLedger, digest: Digest): RevisionStep {
  const { candidate, ...rest } = ledger;
  if (candidate?.digest !== digest) return still(ledger);
  const newest = newestAfter(ledger, { kind: 'serving', ...candidate });
  return { ledger: { ...rest, live: candidate, newest }, actions: [{ kind: 'keep', ...candidate }] };
}

function refused(ledger: RevisionLedger, digest: Digest): RevisionStep {
  const { candidate, ...rest } = ledger;
  const frozen = [...ledger.frozen.filter((known) => known !== digest), digest].slice(-FROZEN_MAX);
  // A proxy that joins late may refuse what all others took: that is its own trouble, and shows in its status.
  if (candidate?.digest !== digest) return still(ledger);
  const newest = newestAfter(ledger, { kind: 'frozen', ...candidate });
  const actions: RevisionAction[] = ledger.live === undefined ? [] : [{ kind: 'publish', digest: ledger.live.digest }];
  return { ledger: { ...rest, frozen, newest }, actions };
}

/** A commit that was rejected while an older one was on its way stays the newest, whatever comes of the older one. */
function newestAfter({ newest }: RevisionLedger, state: CommitState): CommitState {
  return newest === undefined || newest.commit === state.commit ? state : newest;
}

function still(ledger: RevisionLedger): RevisionStep {
  return { ledger, actions: [] };
}
