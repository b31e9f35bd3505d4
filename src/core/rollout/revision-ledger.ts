import type { Digest } from '../base/digest.ts';

/**
 * Which revision serves, which one is on its way, and which commits were stopped. A pure machine: the shell feeds it
 * what happened and does what it answers.
 */
export interface RevisionLedger {
  /** The last revision that every connected proxy took, or that was there at the start. */
  readonly live?: LiveMark;
  /**
   * What served before the live one, the latest first, down to one that a proxy took: where a refusal leads back to.
   * Empty once a proxy has taken the live one.
   */
  readonly behind: readonly LiveMark[];
  /** Published, and not yet acknowledged by every proxy. */
  readonly candidate?: RevisionMark;
  /** The newest commit that was looked at, and what came of it. */
  readonly newest?: CommitState;
  /** Digests that a proxy refused: they are not tried again, whichever commit brings them. */
  readonly frozen: readonly Digest[];
  /** Revisions that served and that a proxy took, the latest first: they need no proof when they come again. */
  readonly past: readonly Digest[];
}

/** A revision and the commit that brought it. Another commit may bring the same one. */
export interface RevisionMark {
  readonly digest: Digest;
  readonly commit: string;
}

export interface LiveMark extends RevisionMark {
  /** Whether a proxy ever acknowledged it: it came to serve also where none was connected. */
  readonly taken: boolean;
}

export type CommitState =
  | { readonly kind: 'serving'; readonly commit: string; readonly digest: Digest }
  | { readonly kind: 'rolling-out'; readonly commit: string; readonly digest: Digest }
  | { readonly kind: 'rejected'; readonly commit: string }
  | { readonly kind: 'frozen'; readonly commit: string; readonly digest: Digest };

export type RevisionEvent =
  | { readonly kind: 'rejected'; readonly commit: string }
  | { readonly kind: 'compiled'; readonly commit: string; readonly digest: Digest }
  /** Every connected proxy has the revision. `taken` is false where none is connected, and none is expected. */
  | { readonly kind: 'acknowledged'; readonly digest: Digest; readonly taken: boolean }
  /** A proxy refused a resource of the revision. */
  | { readonly kind: 'refused'; readonly digest: Digest }
  /** Somebody wants a frozen revision to be tried again. */
  | { readonly kind: 'thawed'; readonly digest: Digest };

export type RevisionAction =
  /** Hand the revision to the fleets. */
  | { readonly kind: 'publish'; readonly digest: Digest }
  /** The revision is the one to start from next time. */
  | { readonly kind: 'keep'; readonly live: LiveMark }
  /** These are the frozen ones, also of the next start. */
  | { readonly kind: 'keep-frozen'; readonly digests: readonly Digest[] };

export interface RevisionStep {
  readonly ledger: RevisionLedger;
  readonly actions: readonly RevisionAction[];
}

/** Refused digests that are remembered: a commit that brings an older one is tried, and refused, once more. */
const FROZEN_MAX = 100;
/** Revisions that are remembered as proven: years of them, where a day has a few commits. */
const PAST_MAX = 1_000;
/** Revisions in a row that came to serve while no proxy was there; a refusal leads back past no more of them. */
const BEHIND_MAX = 8;

/** What an earlier process left. */
export interface LedgerBefore {
  /** The live revision, then those `behind` it. */
  readonly served: readonly LiveMark[];
  readonly frozen: readonly Digest[];
  readonly past: readonly Digest[];
  /** What was on its way. */
  readonly candidate?: RevisionMark;
}

export function startLedger({ served, frozen, past, candidate }: LedgerBefore): RevisionLedger {
  const [live, ...behind] = served;
  const taken = served.filter((mark) => mark.taken && !past.includes(mark.digest)).map(({ digest }) => digest);
  const ledger: RevisionLedger = { frozen, past: [...taken, ...past], behind, ...(live === undefined ? {} : { live }) };
  return candidate === undefined ? ledger : { ...ledger, candidate, newest: { kind: 'rolling-out', ...candidate } };
}

/** Takes one event. What serves changes by a publish alone; a rejected or frozen commit changes nothing that serves. */
export function stepLedger(ledger: RevisionLedger, event: RevisionEvent): RevisionStep {
  switch (event.kind) {
    case 'rejected':
      return still({ ...ledger, newest: { kind: 'rejected', commit: event.commit } });
    case 'compiled':
      return compiled(ledger, event);
    case 'acknowledged':
      return acknowledged(ledger, event.digest, event.taken);
    case 'refused':
      return refused(ledger, event.digest);
    case 'thawed':
      return thawed(ledger, event.digest);
  }
}

function compiled(ledger: RevisionLedger, { commit, digest }: RevisionMark): RevisionStep {
  if (ledger.frozen.includes(digest)) return still({ ...ledger, newest: { kind: 'frozen', commit, digest } });
  const { candidate: before, ...rest } = ledger;
  if (ledger.live?.digest === digest) {
    const live = { ...ledger.live, commit };
    const actions: RevisionAction[] = [{ kind: 'keep', live }];
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

function acknowledged(ledger: RevisionLedger, digest: Digest, isTaken: boolean): RevisionStep {
  const { candidate, ...rest } = ledger;
  if (candidate?.digest === digest) {
    const before = ledger.live === undefined ? [] : [ledger.live, ...ledger.behind];
    const taken = isTaken || before.some((mark) => mark.digest === digest && mark.taken);
    const live = { ...candidate, taken };
    const behind = taken ? [] : before.filter((mark) => mark.digest !== digest).slice(0, BEHIND_MAX);
    const newest = newestAfter(ledger, { kind: 'serving', ...candidate });
    const past = taken ? withPast(ledger, digest) : ledger.past;
    return { ledger: { ...rest, live, behind, past, newest }, actions: [{ kind: 'keep', live }] };
  }
  if (ledger.live?.digest !== digest || ledger.live.taken || !isTaken) return still(ledger);
  const live = { ...ledger.live, taken: true };
  const past = withPast(ledger, digest);
  return { ledger: { ...ledger, live, behind: [], past }, actions: [{ kind: 'keep', live }] };
}

function refused(ledger: RevisionLedger, digest: Digest): RevisionStep {
  if (ledger.candidate?.digest === digest) return candidateRefused(ledger, ledger.candidate);
  // A proxy that joins late may refuse what another one took: that is its own trouble, and shows in its status.
  if (ledger.live?.digest === digest && !ledger.live.taken) return liveRefused(ledger, ledger.live);
  return still(ledger);
}

function candidateRefused(ledger: RevisionLedger, refusedMark: RevisionMark): RevisionStep {
  const { candidate: _, ...rest } = ledger;
  const frozen = withFrozen(ledger, refusedMark.digest);
  const newest = newestAfter(ledger, frozenState(refusedMark));
  const actions: RevisionAction[] = ledger.live === undefined ? [] : [{ kind: 'publish', digest: ledger.live.digest }];
  return {
    ledger: { ...rest, frozen, newest },
    actions: [...actions, { kind: 'keep-frozen', digests: frozen }],
  };
}

/** It serves because no proxy was there to refuse it: the one before it serves again. */
function liveRefused(ledger: RevisionLedger, refusedMark: LiveMark): RevisionStep {
  const { live: _, ...rest } = ledger;
  const [live, ...behind] = ledger.behind;
  const frozen = withFrozen(ledger, refusedMark.digest);
  const newest = newestAfter(ledger, frozenState(refusedMark));
  const actions: RevisionAction[] = [{ kind: 'keep-frozen', digests: frozen }];
  if (live === undefined) return { ledger: { ...rest, behind, frozen, newest }, actions };
  // Also beneath a candidate under way: not every proxy may have been offered that one.
  actions.unshift({ kind: 'publish', digest: live.digest });
  actions.push({ kind: 'keep', live });
  return { ledger: { ...rest, live, behind, frozen, newest }, actions };
}

function thawed(ledger: RevisionLedger, digest: Digest): RevisionStep {
  if (!ledger.frozen.includes(digest)) return still(ledger);
  const frozen = ledger.frozen.filter((known) => known !== digest);
  return { ledger: { ...ledger, frozen }, actions: [{ kind: 'keep-frozen', digests: frozen }] };
}

function withPast({ past }: RevisionLedger, digest: Digest): Digest[] {
  return [digest, ...past.filter((known) => known !== digest)].slice(0, PAST_MAX);
}

function withFrozen({ frozen }: RevisionLedger, digest: Digest): Digest[] {
  return [...frozen.filter((known) => known !== digest), digest].slice(-FROZEN_MAX);
}

function frozenState({ commit, digest }: RevisionMark): CommitState {
  return { kind: 'frozen', commit, digest };
}

/** A commit that was rejected while an older one was on its way stays the newest, whatever comes of the older one. */
function newestAfter({ newest }: RevisionLedger, state: CommitState): CommitState {
  return newest === undefined || newest.commit === state.commit ? state : newest;
}

function still(ledger: RevisionLedger): RevisionStep {
  return { ledger, actions: [] };
}
