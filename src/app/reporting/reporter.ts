import type { Diagnostic } from '../../core/diagnostics/diagnostic.ts';
import type { CommitStatus } from '../../io/forge/commit-status.ts';
import type { XdsServerEvent } from '../../io/grpc/xds-events.ts';
import type { ControlEvent } from '../control/control-event.ts';
import type { SourceEvent } from '../source/source-event.ts';
import { type CommitReport, commitStatuses, type StatusNaming } from './commit-statuses.ts';
import { type FleetProgress, fleetProgress, type ReportedProxy, type Wave } from './fleet-progress.ts';

/** What becomes of commits, as others are told it. */
export interface ReporterPorts {
  readonly naming: StatusNaming;
  readonly proxies: () => readonly ReportedProxy[];
  readonly onStatus: (status: CommitStatus) => void;
  readonly onNotice: (notice: Notice) => void;
  readonly monotonicMs: () => number;
}

/** One thing that happened, with what is known of it: for the audit file and for those who want events. */
export type Notice = RevisionNotice | SourceNotice;

export type SourceNotice = { readonly about: 'source' } & SourceEvent;

type RevisionNotice = { readonly about: 'revision' } & WithoutText<ControlEvent> & {
    readonly progress?: readonly FleetProgress[];
    /** From the publication to the last acknowledgement. */
    readonly acknowledgeMs?: number;
  };

/** The text of the diagnostics quotes lines of the tree, which are for those who may read it. */
type WithoutText<Event> = Event extends unknown ? Omit<Event, 'diagnostics'> : never;

/** A revision whose commit still gets statuses. */
interface Followed {
  readonly digest: string;
  commit: string;
  fleets: readonly string[];
  findings: readonly Diagnostic[];
  state: 'new' | 'rolling-out' | 'serving' | 'rolled-back';
  /** The newer commit that took its place on the way. */
  supersededBy: string | undefined;
  publishedMs: number | undefined;
  /** By fleet: the nodes that refused it. */
  readonly refusals: Map<string, Set<string>>;
  /** By fleet, where it has several. */
  readonly waves: Map<string, Wave>;
  /** By fleet: milliseconds from the publication to the last acknowledgement. */
  readonly acknowledgements: Map<string, number>;
  /** Something of its statuses has changed since the last look. */
  isChanged: boolean;
  progressLeft: number;
  /** The branch that takes it back. */
  revert: string | undefined;
}

/** The live one, the one before, and a few whose end comes late. */
const FOLLOWED_MAX = 8;
/** GitHub wants no more than one change a second, and every change is a notification to somebody. */
const PROGRESS_MS = 5_000;
/** GitHub takes 1,000 statuses of one context, and the last one must be among them. */
const PROGRESS_MAX = 200;
/** Nodes by name that are counted; beyond it a fleet has other troubles. */
const REFUSALS_MAX = 10_000;

/** Follows commits to their end and says how they stand. Costs the control plane a few map look-ups an event. */
export class Reporter {
  readonly #ports: ReporterPorts;
  readonly #followed = new Map<string, Followed>();
  readonly #timer: NodeJS.Timeout;

  constructor(ports: ReporterPorts) {
    this.#ports = ports;
    this.#timer = setInterval(() => this.#tellProgress(), PROGRESS_MS);
    this.#timer.unref();
  }

  onControlEvent(event: ControlEvent): void {
    if (event.kind === 'rejected' || event.kind === 'validated') {
      this.#status({ kind: event.kind, commit: event.commit, findings: event.findings });
    }
    if (event.kind === 'validated') this.#follow(event);
    const followed = this.#followedBy(event);
    if (followed === undefined || event.kind === 'validated') {
      this.#notice(event);
      return;
    }
    const nowMs = this.#ports.monotonicMs();
    const isNews = entered(followed, event, nowMs);
    // Once for each event: a fleet may have thousands of proxies.
    const progress = this.#progress(followed);
    if (isNews) this.#standing(followed, progress);
    const { publishedMs } = followed;
    const isEnd = event.kind === 'serving' && publishedMs !== undefined;
    this.#notice(event, { progress, ...(isEnd ? { acknowledgeMs: Math.round(nowMs - publishedMs) } : {}) });
  }

  onSourceEvent(event: SourceEvent): void {
    if (event.kind === 'refused') this.#status({ kind: 'refused', commit: event.commit, message: event.message });
    if (event.kind === 'passed-over') this.#status({ kind: event.kind, commit: event.commit, by: event.by });
    if (event.kind === 'revert-proposed') {
      const followed = [...this.#followed.values()].find(({ commit }) => commit === event.commit);
      if (followed !== undefined) followed.revert = event.branch;
      if (followed?.state === 'rolled-back') this.#standing(followed, this.#progress(followed));
    }
    this.#ports.onNotice({ about: 'source', ...event });
  }

  onProxyEvent(event: XdsServerEvent): void {
    if (event.kind !== 'fully-acknowledged' && event.kind !== 'rejected') return;
    const followed = this.#followed.get(event.revision);
    if (followed === undefined) return;
    followed.isChanged = true;
    if (event.fleet === undefined) return;
    const { acknowledgements, publishedMs } = followed;
    if (event.kind === 'rejected') addRefusal(followed, event.fleet, event.node);
    else if (publishedMs !== undefined)
      acknowledgements.set(event.fleet, Math.round(this.#ports.monotonicMs() - publishedMs));
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #follow({ commit, digest, fleets, findings }: Extract<ControlEvent, { kind: 'validated' }>): void {
    this.#followed.delete(digest);
    const start = { state: 'new', publishedMs: undefined, isChanged: false } as const;
    const seen = {
      refusals: new Map<string, Set<string>>(),
      waves: new Map<string, Wave>(),
      acknowledgements: new Map<string, number>(),
    };
    const rest = { progressLeft: PROGRESS_MAX, revert: undefined, supersededBy: undefined };
    this.#followed.set(digest, { digest, commit, fleets, findings, ...seen, ...start, ...rest });
    const [oldest] = this.#followed.keys();
    if (this.#followed.size > FOLLOWED_MAX && oldest !== undefined) this.#followed.delete(oldest);
  }

  /** Undefined for what served before this process did: its commit has its statuses. */
  #followedBy(event: ControlEvent): Followed | undefined {
    const followed = 'digest' in event ? this.#followed.get(event.digest) : undefined;
    return followed !== undefined && 'commit' in event && followed.commit === event.commit ? followed : undefined;
  }

  /** Proxies that come late to an end change its statuses no more, but for refusals: they are counted. */
  #tellProgress(): void {
    for (const followed of this.#followed.values()) {
      const { state, supersededBy } = followed;
      const isMoving = supersededBy === undefined && (state === 'rolling-out' || state === 'rolled-back');
      if (!followed.isChanged || !isMoving || followed.progressLeft === 0) continue;
      followed.progressLeft -= 1;
      this.#standing(followed, this.#progress(followed));
    }
  }

  #standing(followed: Followed, fleets: readonly FleetProgress[]): void {
    const { commit, state, findings, revert, supersededBy: by } = followed;
    followed.isChanged = false;
    if (state === 'new') return;
    if (by === undefined)
      this.#status({ kind: state, commit, fleets, findings, ...(revert === undefined ? {} : { revert }) });
    else this.#status({ kind: 'superseded', commit, by, fleets });
  }

  #progress(followed: Followed): FleetProgress[] {
    return fleetProgress(followed.digest, followed.fleets, this.#ports.proxies(), followed);
  }

  #status(report: CommitReport): void {
    for (const status of commitStatuses(report, this.#ports.naming)) this.#ports.onStatus(status);
  }

  #notice(event: ControlEvent, more: Pick<RevisionNotice, 'progress' | 'acknowledgeMs'> = {}): void {
    this.#ports.onNotice({ about: 'revision', ...event, ...more });
  }
}

/** Takes an event into the state of its revision. Whether its statuses say something else from now on. */
function entered(followed: Followed, event: ControlEvent, nowMs: number): boolean {
  switch (event.kind) {
    case 'published':
      // Else it is served again because another one was stopped.
      if (followed.state !== 'new') return false;
      followed.state = 'rolling-out';
      followed.publishedMs = nowMs;
      return true;
    case 'wave-started':
      if (followed.state === 'new') followed.publishedMs = nowMs;
      followed.state = 'rolling-out';
      followed.waves.set(event.fleet, { wave: event.wave, waves: event.waves });
      return true;
    case 'serving':
      followed.state = 'serving';
      followed.waves.clear();
      return true;
    case 'frozen':
      followed.state = 'rolled-back';
      followed.findings = event.findings;
      return true;
    case 'superseded':
      followed.supersededBy = event.by;
      return true;
    case 'rejected':
    case 'validated':
    case 'wave-passed':
    case 'rolled-back':
    case 'paused':
    case 'resumed':
    case 'released':
      return false;
  }
}

function addRefusal({ refusals }: Followed, fleet: string, node: string): void {
  const nodes = refusals.get(fleet) ?? new Set();
  if (nodes.size < REFUSALS_MAX) nodes.add(node);
  refusals.set(fleet, nodes);
}
