import { present } from '../../core/base/assert.ts';
import type { Digest } from '../../core/base/digest.ts';
import type { Diagnostic } from '../../core/diagnostics/diagnostic.ts';
import { breachDiagnostics } from '../../core/rollout/breach-diagnostics.ts';
import { plansOf } from '../../core/rollout/plans.ts';
import {
  type RevisionAction,
  type RevisionEvent,
  type RevisionLedger,
  type RevisionMark,
  startLedger,
  stepLedger,
} from '../../core/rollout/revision-ledger.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import type { KeptRollout } from '../../core/rollout/rollout-state.ts';
import type { SourceFile } from '../../io/git/source-file.ts';
import type { Bundle } from '../revision/bundle.ts';
import { diagnosticsText } from '../revision/diagnostics-text.ts';
import type { ControlPorts } from './control-ports.ts';
import { FrozenRevisions } from './frozen-revisions.ts';
import { KeptLedger } from './kept-ledger.ts';
import type { RefusedResources } from './refusal-places.ts';
import { changesOnly, ledgerBefore, type RolloutBefore } from './rollout-before.ts';
import { RolloutRun, type RunOutcome } from './rollout-run.ts';

/** Does what the ledger of revisions says, and tells it what becomes of the one on its way. */
export class RevisionDriver {
  readonly #ports: ControlPorts;
  readonly #bundles = new Map<Digest, Bundle>();
  readonly frozen: FrozenRevisions;
  readonly #run: RolloutRun;
  readonly #before: KeptRollout | undefined;
  readonly #progress: ControlPorts['keepProgress'];
  readonly kept: KeptLedger;
  #ledger: RevisionLedger;
  #isPaused: boolean;
  #sources: { readonly digest: Digest; readonly files: readonly SourceFile[] } | undefined;
  /** Wakes whoever waits for the candidate's fate. */
  #changed: () => void = () => undefined;

  constructor(ports: ControlPorts, before: RolloutBefore) {
    const { served, frozen, progress, candidate } = before;
    this.#ports = ports;
    this.#isPaused = progress.isPaused;
    this.#progress = changesOnly(progress, ports.keepProgress);
    this.#before = progress.rollout;
    this.#ledger = startLedger(ledgerBefore(before));
    this.kept = new KeptLedger(this.#ledger);
    for (const { bundle } of served) this.#bundles.set(bundle.digest, bundle);
    if (candidate !== undefined) this.#bundles.set(candidate.digest, candidate);
    this.frozen = new FrozenRevisions(frozen);
    this.#run = new RolloutRun({
      ...ports,
      offer: ports.publisher.offer,
      onOffered: () => void this.#keepProgress().catch(ports.onFailure),
      onDue: () => void this.look().catch(ports.onFailure),
    });
  }

  get ledger(): RevisionLedger {
    return this.#ledger;
  }

  get rollout(): Rollout | undefined {
    return this.#run.rollout;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** What proxies may be told to name: the live revision, what it leads back to, and the one on its way. */
  get digests(): readonly Digest[] {
    const { live, behind, candidate } = this.#ledger;
    return [live ?? [], behind, candidate ?? []].flat().map(({ digest }) => digest);
  }

  /** The bundle of one of the digests. */
  bundle(digest: Digest): Bundle {
    return present(this.#bundles.get(digest), `the bundle ${digest}`);
  }

  async start(): Promise<void> {
    const { live, candidate } = this.#ledger;
    if (live === undefined) return;
    for (const digest of this.digests) await this.#ports.hold(this.bundle(digest));
    this.#ports.publisher.publish(this.bundle(live.digest));
    if (candidate !== undefined) this.#begin(candidate, this.#before);
  }

  reject(commit: string): Promise<void> {
    return this.#step({ kind: 'rejected', commit });
  }

  /** Brings a revision that the deciders hold to the fleets. */
  async bring(commit: string, bundle: Bundle, files: readonly SourceFile[]): Promise<void> {
    const { digest } = bundle;
    const { live, frozen, candidate } = this.#ledger;
    this.#sources = { digest, files };
    // Not before this turn: a proxy that acknowledges the candidate meanwhile would make it forgotten.
    this.#bundles.set(digest, bundle);
    if (candidate !== undefined && candidate.digest !== digest && !frozen.includes(digest)) {
      this.#ports.onEvent({ kind: 'superseded', ...candidate, by: commit });
    }
    await this.#step({ kind: 'compiled', commit, digest });
    // What serves already, or was stopped before, has come to its end with this.
    if (frozen.includes(digest))
      this.#ports.onEvent({ kind: 'frozen', commit, digest, diagnostics: this.frozen.refusal(digest), findings: [] });
    else if (live?.digest === digest) this.#ports.onEvent({ kind: 'serving', commit, digest });
    await this.look();
  }

  async release({ digest, commit }: RevisionMark): Promise<void> {
    if (!this.#ledger.frozen.includes(digest)) return;
    await this.#step({ kind: 'thawed', digest });
    this.#ports.onEvent({ kind: 'released', commit, digest });
  }

  async pause(isPaused: boolean): Promise<void> {
    if (this.#isPaused === isPaused) return;
    this.#isPaused = isPaused;
    this.#ports.onEvent({ kind: isPaused ? 'paused' : 'resumed' });
    await this.#keepProgress();
    await this.look();
  }

  /** Looks at the proxies, and at what became of their requests. */
  async look(): Promise<void> {
    const { candidate, live } = this.#ledger;
    if (candidate !== undefined) return this.#conclude(candidate, this.#run.look(this.#isPaused));
    if (live === undefined || live.taken) return;
    if (this.#ports.proxies().some(({ fullyAcknowledged }) => fullyAcknowledged === live.digest))
      await this.#step({ kind: 'acknowledged', digest: live.digest, taken: true });
  }

  /** A proxy refused a resource of a revision. */
  async refused(refused: RefusedResources): Promise<void> {
    const { digest, fleet, node } = refused;
    const { candidate, live } = this.#ledger;
    const findings: Diagnostic[] = this.#ports.publisher.explainRefusal(refused);
    if (candidate?.digest === digest) await this.#conclude(candidate, this.#run.refuse(fleet, node), findings);
    else if (live?.digest === digest && !live.taken) await this.#freeze(live, findings);
  }

  /** Resolves when the candidate serves or is frozen, or somebody waits no longer. */
  async settled(digest: Digest, given: AbortSignal): Promise<void> {
    while (this.kept.ledger.candidate?.digest === digest && !given.aborted) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
        given.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  async #conclude(candidate: RevisionMark, outcome: RunOutcome | undefined, why: Diagnostic[] = []): Promise<void> {
    if (outcome === undefined) return;
    const bundle = this.bundle(candidate.digest);
    if (outcome.kind === 'breached') {
      await this.#freeze(candidate, [...why, ...breachDiagnostics(outcome.breach, bundle.ir.fleets)]);
      return;
    }
    this.#run.stop();
    this.#ports.publisher.publish(bundle);
    await this.#step({ kind: 'acknowledged', digest: candidate.digest, taken: outcome.taken });
    this.#ports.onEvent({ kind: 'serving', digest: candidate.digest, commit: candidate.commit });
    this.#changed();
  }

  async #freeze({ commit, digest }: RevisionMark, findings: readonly Diagnostic[]): Promise<void> {
    const diagnostics = diagnosticsText(findings, this.#sources?.digest === digest ? this.#sources.files : []);
    this.frozen.add({ digest, commit, diagnostics });
    const stepped = this.#step({ kind: 'refused', digest });
    if (this.#ledger.candidate === undefined) this.#run.stop();
    await stepped;
    this.#ports.onEvent({ kind: 'frozen', commit, digest, diagnostics, findings });
    const { live } = this.#ledger;
    if (live !== undefined) {
      this.#ports.onEvent({ kind: 'rolled-back', commit, digest, to: { digest: live.digest, commit: live.commit } });
    }
    this.#changed();
  }

  async #step(event: RevisionEvent): Promise<void> {
    const { ledger, actions } = stepLedger(this.#ledger, event);
    this.#ledger = ledger;
    // All are begun in this turn: what comes meanwhile may let go of these bundles.
    await this.kept.follow(ledger, [...actions.map((action) => this.#do(action)), this.#keepProgress()]);
    this.#forget();
  }

  #do(action: RevisionAction): Promise<void> | undefined {
    switch (action.kind) {
      case 'publish':
        this.#publish(action.digest);
        return undefined;
      case 'keep':
        return this.#ports.keep(this.bundle(action.live.digest), action.live);
      case 'keep-frozen':
        return this.#ports.keepFrozen(this.frozen.of(action.digests));
    }
  }

  /** A candidate begins its waves; what serves takes the place of one that was stopped, or of one that served untaken. */
  #publish(digest: Digest): void {
    const { candidate } = this.#ledger;
    const isBack = candidate === undefined && this.#run.rollout !== undefined;
    if (candidate?.digest === digest) {
      this.#begin(candidate);
    } else if (isBack) {
      this.#run.stop();
      this.#ports.publisher.takeBack();
    } else {
      this.#ports.publisher.publish(this.bundle(digest));
      this.#run.offer();
    }
    this.#ports.onEvent({ kind: 'published', commit: this.bundle(digest).commit, digest });
  }

  #begin({ digest, commit }: RevisionMark, kept?: KeptRollout): void {
    const { live, past } = this.#ledger;
    const bundle = this.bundle(digest);
    const served = live === undefined ? [] : this.bundle(live.digest).ir.fleets;
    const isAtOnce = live === undefined || past.includes(digest);
    this.#run.begin({
      bundle,
      commit,
      previous: live?.digest,
      plans: plansOf(served, bundle.ir.fleets, isAtOnce),
      isHeldUp: !isAtOnce,
      ...(kept === undefined ? {} : { kept }),
    });
  }

  #keepProgress(): Promise<void> {
    const rollout = this.#ledger.candidate === undefined ? undefined : this.#run.kept;
    const past = { past: this.#ledger.past, isPaused: this.#isPaused };
    return this.#progress(rollout === undefined ? past : { ...past, rollout });
  }

  /** Holds on to what proxies may be told to name; all others come from the disk or from Git again. */
  #forget(): void {
    const { digests } = this;
    this.frozen.keepOnly(this.#ledger.frozen);
    for (const digest of this.#bundles.keys()) if (!digests.includes(digest)) this.#bundles.delete(digest);
  }
}
