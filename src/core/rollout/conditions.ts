import type { CommitState } from './revision-ledger.ts';

/** One of the words in which GitOps tools say how they are, in the form of Kubernetes. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: ConditionStatus;
  /** One word, for machines. */
  readonly reason: string;
  /** For people. */
  readonly message: string;
  /** When the status last changed: RFC 3339. */
  readonly lastTransitionTime: string;
}

export type ConditionType = (typeof CONDITION_TYPES)[number];
export type ConditionStatus = 'True' | 'False' | 'Unknown';

/** All of them, in the order in which they are shown. */
export const CONDITION_TYPES = [
  'Ready',
  'Reconciling',
  'Stalled',
  'FetchFailed',
  'SourceVerified',
  'ArtifactOutdated',
] as const;

/** What the conditions are made of. Absent is what there is nothing of. */
export interface ConditionFacts {
  readonly source: SourceFacts;
  /** The newest commit that was looked at, and the first line of what is wrong with it. */
  readonly newest?: CommitState;
  readonly problem?: string;
  readonly live?: { readonly commit: string };
  /** Proxies that are served, and those of them that have what they are offered. */
  readonly proxies: { readonly connected: number; readonly current: number };
  /** Of a rollout under way: proxies take too long to say what they think of it, and whether somebody paused it. */
  readonly rollout?: { readonly isOverdue: boolean; readonly isPaused: boolean };
}

export interface SourceFacts {
  /** The newest commit that was found, and as `main@sha1:...`. */
  readonly commit?: string;
  readonly revision?: string;
  readonly failure?: { readonly reason: string; readonly message: string };
  readonly verified?:
    | { readonly status: 'True'; readonly signer: string }
    | { readonly status: 'False'; readonly reason: string; readonly message: string };
  readonly suspended?: { readonly reason: string };
}

type Verdict = Pick<Condition, 'status' | 'reason' | 'message'>;

/**
 * How it stands, at this time (RFC 3339).
 * @param before the conditions of the last time: a status that has not changed keeps its time
 */
export function conditionsOf(facts: ConditionFacts, before: readonly Condition[], time: string): Condition[] {
  return CONDITION_TYPES.map((type) => {
    const verdict = VERDICTS[type](facts);
    const last = before.find((condition) => condition.type === type);
    return { type, ...verdict, lastTransitionTime: last?.status === verdict.status ? last.lastTransitionTime : time };
  });
}

const VERDICTS: Readonly<Record<ConditionType, (facts: ConditionFacts) => Verdict>> = {
  Ready: ready,
  Reconciling: reconciling,
  Stalled: stalled,
  FetchFailed: fetchFailed,
  SourceVerified: sourceVerified,
  ArtifactOutdated: artifactOutdated,
};

/** Whether what is wanted is what serves. */
function ready(facts: ConditionFacts): Verdict {
  const { source, newest, live, problem } = facts;
  if (source.failure !== undefined) return no(source.failure.reason, source.failure.message);
  switch (newest?.kind) {
    case undefined:
      return { status: 'Unknown', reason: 'Progressing', message: 'no commit was looked at yet' };
    case 'rejected':
      return no('BuildFailed', served(`${short(newest.commit)} has errors: ${problem ?? 'see the diagnostics'}`, live));
    case 'frozen':
      return no('RolledBack', served(`${short(newest.commit)} was stopped: ${problem ?? 'see the diagnostics'}`, live));
    case 'rolling-out':
      return { status: 'Unknown', reason: 'Progressing', message: progress(newest.commit, facts) };
    case 'serving':
      return yes('ReconciliationSucceeded', `${short(newest.commit)} serves: ${acknowledged(facts)}`);
  }
}

function reconciling(facts: ConditionFacts): Verdict {
  const { newest, source, rollout } = facts;
  if (newest?.kind === 'rolling-out') {
    return yes(rollout?.isPaused === true ? 'Paused' : 'Progressing', progress(newest.commit, facts));
  }
  if (isNew(facts)) return yes('NewRevision', `${short(source.commit ?? '')} is being looked at`);
  return no('Idle', 'nothing is under way');
}

/** Whether somebody must do something before it goes on. */
function stalled({ source, newest, rollout, problem }: ConditionFacts): Verdict {
  if (source.suspended !== undefined) return yes('Suspended', source.suspended.reason);
  switch (newest?.kind) {
    case 'rejected':
      return yes('BuildFailed', `${short(newest.commit)}: ${problem ?? 'it has errors'}`);
    case 'frozen':
      return yes('RolledBack', `${short(newest.commit)} is tried no more: ${problem ?? 'it was stopped'}`);
    case 'rolling-out':
      if (rollout?.isOverdue === true) return yes('ProgressDeadlineExceeded', 'proxies do not acknowledge');
      return no('Progressing', 'it goes on by itself');
    case 'serving':
    case undefined:
      return no('Idle', 'nothing waits for anybody');
  }
}

function fetchFailed({ source }: ConditionFacts): Verdict {
  if (source.failure !== undefined) return yes(source.failure.reason, source.failure.message);
  if (source.commit === undefined) return { status: 'Unknown', reason: 'Progressing', message: 'not fetched yet' };
  return no('Succeeded', source.revision ?? source.commit);
}

function sourceVerified({ source: { verified } }: ConditionFacts): Verdict {
  if (verified === undefined) return { status: 'Unknown', reason: 'NotRequired', message: 'no signature is asked for' };
  if (verified.status === 'True') return yes('Succeeded', `signed by ${verified.signer}`);
  return no(verified.reason, verified.message);
}

/** Whether a newer commit is known than the one that serves. */
function artifactOutdated({ source, live }: ConditionFacts): Verdict {
  if (source.commit === undefined) return { status: 'Unknown', reason: 'Progressing', message: 'not fetched yet' };
  if (live === undefined) return yes('NewRevision', `${short(source.commit)} is known, and nothing serves`);
  if (live.commit === source.commit) return no('Current', `${short(live.commit)} serves`);
  return yes('NewRevision', `${short(source.commit)} is known, ${short(live.commit)} serves`);
}

/** A commit was found that nobody has looked at yet. */
function isNew({ source, newest }: ConditionFacts): boolean {
  return source.commit !== undefined && source.suspended === undefined && source.commit !== newest?.commit;
}

function progress(commit: string, facts: ConditionFacts): string {
  return `${short(commit)} is on its way: ${acknowledged(facts)}`;
}

function acknowledged({ proxies: { connected, current } }: ConditionFacts): string {
  return connected === 0 ? 'no proxy is connected' : `${current} of ${connected} proxies have what they are offered`;
}

function served(text: string, live: ConditionFacts['live']): string {
  return live === undefined ? `${text}; nothing serves` : `${text}; ${short(live.commit)} serves`;
}

/** As people write a commit. */
function short(commit: string): string {
  return commit.slice(0, 7);
}

function yes(reason: string, message: string): Verdict {
  return { status: 'True', reason, message };
}

function no(reason: string, message: string): Verdict {
  return { status: 'False', reason, message };
}
