import type { Digest } from '../../core/base/digest.ts';
import type { Diagnostic } from '../../core/diagnostics/diagnostic.ts';
import { createTreeMemory } from '../../core/language/tree-memory.ts';
import { fleetDiagnostics, removedClusters } from '../../core/rollout/lost-fleets.ts';
import type { RevisionLedger, RevisionMark } from '../../core/rollout/revision-ledger.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import type { Bundle } from '../revision/bundle.ts';
import { compileRevision, type RevisionFiles } from '../revision/compile-revision.ts';
import { diagnosticsText } from '../revision/diagnostics-text.ts';
import { aborted } from './aborted.ts';
import type { ControlPorts, HandledRevision, JudgedChange } from './control-ports.ts';
import type { RefusedResources } from './refusal-places.ts';
import { RevisionDriver } from './revision-driver.ts';
import type { RolloutBefore } from './rollout-before.ts';

/** A proxy that does not answer holds nobody up for longer: the revision stays on its way, and its state says so. */
const ACKNOWLEDGE_TIMEOUT_MS = 15_000;
/** Commits that may pass although they change too much; more were forgotten by whoever forced them. */
const FORCED_MAX = 16;

const UNJUDGED: JudgedChange = { findings: [], checks: [] };

/** Takes commits in, one at a time, and brings each to an end: serving, rejected, frozen, or still on its way. */
export class ControlPlane {
  readonly #ports: ControlPorts;
  readonly #driver: RevisionDriver;
  /** Of the commits before: what a commit leaves as it was is not compiled again. */
  readonly #memory = createTreeMemory();
  readonly #forced = new Set<string>();
  #diagnostics = '';

  constructor(ports: ControlPorts, before: RolloutBefore) {
    this.#ports = ports;
    this.#driver = new RevisionDriver(ports, before);
  }

  /** Serves the last good revision until the first commit is read, and goes on with the rollout that was under way. */
  start(): Promise<void> {
    return this.#driver.start();
  }

  /** What proxies may be told to name: the live revision, what it leads back to, and the one on its way. */
  get digests(): readonly Digest[] {
    return this.#driver.digests;
  }

  get ledger(): RevisionLedger {
    return this.#driver.ledger;
  }

  /** The ledger as the disk has it, and a restart would find it: what is shown. */
  get keptLedger(): RevisionLedger {
    return this.#driver.kept.ledger;
  }

  /** The frozen revisions with the commits that brought them, the oldest first. */
  get frozen(): readonly RevisionMark[] {
    return this.#driver.frozen.marks(this.ledger.frozen);
  }

  /** The revision on its way, fleet by fleet; undefined while none is. */
  get rollout(): Rollout | undefined {
    return this.#driver.rollout;
  }

  get isPaused(): boolean {
    return this.#driver.isPaused;
  }

  /** The diagnostics of the newest commit, as text. */
  get diagnostics(): string {
    const { newest } = this.#driver.ledger;
    return newest?.kind === 'frozen' ? this.#driver.frozen.refusal(newest.digest) : this.#diagnostics;
  }

  /** Brings one commit to its end. `superseded` aborts when a newer one is there: before anything is offered, it rejects. */
  async take(revision: RevisionFiles, superseded: AbortSignal): Promise<HandledRevision> {
    const startedMs = this.#ports.monotonicMs();
    const known = { ...revision, memory: this.#memory };
    const compiled = await compileRevision(known, this.#ports.compilePolicies, this.#ports.context, superseded);
    const compileMs = this.#ports.monotonicMs() - startedMs;
    const { bundle } = compiled;
    const { commit, signer } = revision;
    const judged = bundle === undefined ? UNJUDGED : await this.#judge(bundle, revision, superseded);
    const findings = [...compiled.diagnostics, ...judged.findings];
    this.#diagnostics = diagnosticsText(findings, revision.files);
    const change = judged.checks.length === 0 ? {} : { change: judged.checks };
    const about = { commit, ...(signer === undefined ? {} : { signer }), ...change, findings };
    if (bundle === undefined || judged.findings.length > 0) {
      await this.#driver.reject(commit);
      this.#ports.onEvent({ kind: 'rejected', ...about, diagnostics: this.#diagnostics });
      return { diagnostics: this.diagnostics, compileMs, acknowledgeMs: 0 };
    }
    superseded.throwIfAborted();
    const fleets = bundle.ir.fleets.map(({ cluster }) => cluster);
    this.#ports.onEvent({ kind: 'validated', ...about, digest: bundle.digest, fleets });
    // No proxy will name a frozen one.
    if (!this.ledger.frozen.includes(bundle.digest)) await this.#ports.hold(bundle);
    const publishedMs = this.#ports.monotonicMs();
    await this.#driver.bring(commit, bundle, revision.files);
    const given = AbortSignal.any([superseded, AbortSignal.timeout(ACKNOWLEDGE_TIMEOUT_MS)]);
    await this.#driver.settled(bundle.digest, given);
    return { diagnostics: this.diagnostics, compileMs, acknowledgeMs: this.#ports.monotonicMs() - publishedMs };
  }

  /** Lets the newest commit be tried again when it comes the next time, although it was stopped. */
  async thaw(): Promise<void> {
    const { newest } = this.ledger;
    if (newest?.kind === 'frozen') await this.#driver.release(newest);
  }

  /** Lets a frozen revision be tried again when a commit brings it the next time. */
  release(mark: RevisionMark): Promise<void> {
    return this.#driver.release(mark);
  }

  /** Lets a commit pass when it comes the next time, although it changes or removes more than it may. */
  force(commit: string): void {
    this.#forced.add(commit);
    const [oldest] = this.#forced;
    if (this.#forced.size > FORCED_MAX && oldest !== undefined) this.#forced.delete(oldest);
  }

  /** No wave follows another until `resume`, also after a restart. What served before goes to all proxies all the same. */
  pause(): Promise<void> {
    return this.#driver.pause(true);
  }

  resume(): Promise<void> {
    return this.#driver.pause(false);
  }

  /** A proxy has acknowledged all of a revision, or has come or gone. */
  proxiesChanged(): Promise<void> {
    return this.#driver.look();
  }

  /** A proxy refused a resource of a revision. */
  refused(refused: RefusedResources): Promise<void> {
    return this.#driver.refused(refused);
  }

  /** Why a bundle may not serve, although nothing is wrong with its tree. */
  async #judge(bundle: Bundle, { commit, signer }: RevisionFiles, superseded: AbortSignal): Promise<JudgedChange> {
    const lost = await this.#lostFleets(bundle, superseded);
    const { live, past, frozen } = this.ledger;
    const isKnown = [live?.digest, ...past, ...frozen].includes(bundle.digest);
    if (lost.length > 0 || live === undefined || isKnown || this.#forced.has(commit))
      return { findings: lost, checks: [] };
    return this.#ports.judgeChange({ live: this.#driver.bundle(live.digest), candidate: bundle, signer });
  }

  /** Why the fleets of a bundle do not let it serve. Proxies are asked about only where a fleet is taken away. */
  async #lostFleets({ ir }: Bundle, superseded: AbortSignal): Promise<Diagnostic[]> {
    const before = this.digests.flatMap((digest) => this.#driver.bundle(digest).ir.fleets);
    if (removedClusters(before, ir.fleets).length === 0) return fleetDiagnostics(ir.fleets, []);
    const lost = fleetDiagnostics(ir.fleets, this.#ports.proxies());
    if (lost.length > 0) return lost;
    await Promise.race([this.#ports.proxiesReturned(), aborted(superseded)]);
    return fleetDiagnostics(ir.fleets, this.#ports.proxies());
  }
}
