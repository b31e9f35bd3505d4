import type { Diagnostic } from '../../core/diagnostics/diagnostic.ts';
import type { CommitStatus } from '../../io/forge/commit-status.ts';
import type { XdsServerEvent } from '../../io/grpc/xds-events.ts';
import type { ControlEvent } from '../control/control-event.ts';
import { type CommitReport, commitStatuses, type StatusNaming } from './commit-statuses.ts';
import { type FleetProgress, fleetProgress, type ReportedProxy } from './fleet-progress.ts';

/** What becomes of commits, as others are told it. */
export interface ReporterPorts {
  readonly naming: StatusNaming;
  readonly proxies: () => readonly ReportedProxy[];
  readonly onStatus: (status: CommitStatus) => void;
  readonly onNotice: (notice: Notice) => void;
  readonly monotonicMs: () => number;
}

/** One thing that happened to a commit: for the audit file and for those who want events. */
export interface Notice {
  /** `serving`, `frozen`: that of the control plane's event. */
  readonly kind: ControlEvent['kind'];
  readonly commit: string;
  readonly digest?: string;
  readonly signer?: string;
  readonly findings?: readonly Diagnostic[];
  readonly fleets?: readonly FleetProgress[];
  /** From the publication to the last acknowledgement. */
  readonly acknowledgeMs?: number;
}

/** A revision whose commit still gets statuses. */
interface Followed {
  readonly digest: string;
  commit: string;
  fleets: readonly string[];
  findings: readonly Diagnostic[];
  state: 'new' | 'rolling-out' | 'serving' | 'rolled-back';
  publishedMs: number | undefined;
  /** By fleet: the nodes that refused it. */
  readonly refusals: Map<string, Set<string>>;
  /** Something of its statuses has changed since the last look. */
  isChanged: boolean;
  progressLeft: number;
}

/** An event of a revision that is known already. */
type MovingEvent = Extract<ControlEvent, { kind: 'published' | 'serving' | 'frozen' }>;

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
    switch (event.kind) {
      case 'rejected':
        this.#status({ kind: 'rejected', commit: event.commit, findings: event.findings });
        this.#notice(event);
        return;
      case 'validated':
        this.#follow(event);
        this.#status({ kind: 'validated', commit: event.commit, findings: event.findings });
        this.#notice(event);
        return;
      case 'published':
      case 'serving':
      case 'frozen':
        this.#moved(event);
        return;
    }
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
    const known = this.#followed.get(digest);
    this.#followed.delete(digest);
    const refusals = known?.refusals ?? new Map<string, Set<string>>();
    const start = { state: 'new', publishedMs: undefined, isChanged: false, progressLeft: PROGRESS_MAX } as const;
    this.#followed.set(digest, { digest, commit, fleets, findings, refusals, ...start });
    const [oldest] = this.#followed.keys();
    if (this.#followed.size > FOLLOWED_MAX && oldest !== undefined) this.#followed.delete(oldest);
  }

  #moved(event: MovingEvent): void {
    const followed = this.#followed.get(event.digest);
    // What served before this process, or is served again after another was refused: its commit has its statuses.
    if (followed === undefined || followed.commit !== event.commit) {
      this.#notice(event);
      return;
    }
    const isAgain = event.kind === 'published' && followed.state !== 'new';
    if (!isAgain) this.#enter(followed, event);
    this.#notice(event, followed);
  }

  #enter(followed: Followed, event: MovingEvent): void {
    switch (event.kind) {
      case 'published':
        followed.state = 'rolling-out';
        followed.publishedMs = this.#ports.monotonicMs();
        break;
      case 'serving':
        followed.state = 'serving';
        break;
      case 'frozen':
        followed.state = 'rolled-back';
        followed.findings = event.findings;
        break;
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
    const { commit, state, findings } = followed;
    followed.isChanged = false;
    if (state === 'new') return;
    this.#status({ kind: state, commit, fleets: this.#progress(followed), findings });
  }

  #progress({ digest, fleets, refusals }: Followed): FleetProgress[] {
    return fleetProgress(digest, fleets, this.#ports.proxies(), refusals);
  }

  #status(report: CommitReport): void {
    for (const status of commitStatuses(report, this.#ports.naming)) this.#ports.onStatus(status);
  }

  #notice(event: ControlEvent, followed?: Followed): void {
    const { publishedMs } = followed ?? {};
    const isEnd = event.kind === 'serving' && publishedMs !== undefined;
    this.#ports.onNotice({
      kind: event.kind,
      commit: event.commit,
      ...('digest' in event ? { digest: event.digest } : {}),
      ...('signer' in event && event.signer !== undefined ? { signer: event.signer } : {}),
      ...('findings' in event ? { findings: event.findings } : {}),
      ...(followed === undefined ? {} : { fleets: this.#progress(followed) }),
      ...(isEnd ? { acknowledgeMs: Math.round(this.#ports.monotonicMs() - publishedMs) } : {}),
    });
  }
}

function addRefusal({ refusals }: Followed, fleet: string, node: string): void {
  const nodes = refusals.get(fleet) ?? new Set();
  if (nodes.size < REFUSALS_MAX) nodes.add(node);
  refusals.set(fleet, nodes);
}
