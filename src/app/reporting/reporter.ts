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
  state: 'new' | 'rolling-out' | 'serving' | 'rolled-back' | 'superseded';
  publishedMs: number | undefined;
  /** By fleet: the nodes that refused it. */
  readonly refusals: Map<string, Set<string>>;
  /** By fleet, where it has several. */
  readonly waves: Map<string, Wave>;
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
    if (followed !== undefined) this.#enter(followed, event);
    this.#notice(event, followed);
  }

  onSourceEvent(event: SourceEvent): void {
    if (event.kind === 'refused') this.#status({ kind: 'refused', commit: event.commit, message: event.message });
    if (event.kind === 'revert-proposed') {
      const followed = [...this.#followed.values()].find(({ commit }) => commit === event.commit);
      if (followed !== undefined) followed.revert = event.branch;
      if (followed?.state === 'rolled-back') this.#standing(followed);
    }
    this.#ports.onNotice({ about: 'source', ...event });
  }

  onProxyEvent(event: XdsServerEvent): void {
    if (event.kind !== 'fully-acknowledged' && event.kind !== 'rejected') return;
    const followed = this.#followed.get(event.revision);
    if (followed === undefined) return;
    followed.isChanged = true;
    if (event.kind === 'rejected' && event.fleet !== undefined) addRefusal(followed, event.fleet, event.node);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #follow({ commit, digest, fleets, findings }: Extract<ControlEvent, { kind: 'validated' }>): void {
    this.#followed.delete(digest);
    const start = { state: 'new', publishedMs: undefined, isChanged: false } as const;
    const seen = { refusals: new Map<string, Set<string>>(), waves: new Map<string, Wave>() };
    const rest = { progressLeft: PROGRESS_MAX, revert: undefined };
    this.#followed.set(digest, { digest, commit, fleets, findings, ...seen, ...start, ...rest });
    const [oldest] = this.#followed.keys();
    if (this.#followed.size > FOLLOWED_MAX && oldest !== undefined) this.#followed.delete(oldest);
  }

  /** Undefined for what served before this process did: its commit has its statuses. */
  #followedBy(event: ControlEvent): Followed | undefined {
    const followed = 'digest' in event ? this.#followed.get(event.digest) : undefined;
    return followed !== undefined && 'commit' in event && followed.commit === event.commit ? followed : undefined;
  }

  #enter(followed: Followed, event: ControlEvent): void {
    switch (event.kind) {
      case 'published':
        // Else it is served again because another one was stopped.
        if (followed.state !== 'new') return;
        followed.state = 'rolling-out';
        followed.publishedMs = this.#ports.monotonicMs();
        break;
      case 'wave-started':
        if (followed.state === 'new') followed.publishedMs = this.#ports.monotonicMs();
        followed.state = 'rolling-out';
        followed.waves.set(event.fleet, { wave: event.wave, waves: event.waves });
        break;
      case 'serving':
        followed.state = 'serving';
        followed.waves.clear();
        break;
      case 'frozen':
        followed.state = 'rolled-back';
        followed.findings = event.findings;
        break;
      case 'superseded': {
        followed.state = 'superseded';
        const { commit, by } = event;
        this.#status({ kind: 'superseded', commit, by, fleets: this.#progress(followed) });
        return;
      }
      case 'rejected':
      case 'validated':
      case 'wave-passed':
      case 'rolled-back':
      case 'paused':
      case 'resumed':
      case 'released':
        return;
    }
    this.#standing(followed);
  }

  /** Proxies that come late to an end change its statuses no more, but for refusals: they are counted. */
  #tellProgress(): void {
    for (const followed of this.#followed.values()) {
      const isMoving = followed.state === 'rolling-out' || followed.state === 'rolled-back';
      if (!followed.isChanged || !isMoving || followed.progressLeft === 0) continue;
      followed.progressLeft -= 1;
      this.#standing(followed);
    }
  }

  #standing(followed: Followed): void {
    const { commit, state, findings, revert } = followed;
    followed.isChanged = false;
    if (state === 'new' || state === 'superseded') return;
    const told = revert === undefined ? {} : { revert };
    this.#status({ kind: state, commit, fleets: this.#progress(followed), findings, ...told });
  }

  #progress(followed: Followed): FleetProgress[] {
    return fleetProgress(followed.digest, followed.fleets, this.#ports.proxies(), followed);
  }

  #status(report: CommitReport): void {
    for (const status of commitStatuses(report, this.#ports.naming)) this.#ports.onStatus(status);
  }

  #notice(event: ControlEvent, followed: Followed | undefined): void {
    const { publishedMs } = followed ?? {};
    const isEnd = event.kind === 'serving' && publishedMs !== undefined;
    this.#ports.onNotice({
      about: 'revision',
      ...event,
      ...(followed === undefined ? {} : { progress: this.#progress(followed) }),
      ...(isEnd ? { acknowledgeMs: Math.round(this.#ports.monotonicMs() - publishedMs) } : {}),
    });
  }
}

function addRefusal({ refusals }: Followed, fleet: string, node: string): void {
  const nodes = refusals.get(fleet) ?? new Set();
  if (nodes.size < REFUSALS_MAX) nodes.add(node);
  refusals.set(fleet, nodes);
}
