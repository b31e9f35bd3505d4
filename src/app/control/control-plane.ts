import { present } from '../../core/base/assert.ts';
import type { Digest } from '../../core/base/digest.ts';
import type { Diagnostic } from '../../core/diagnostics/diagnostic.ts';
import type { TreeContext } from '../../core/language/catalog.ts';
import { createTreeMemory } from '../../core/language/tree-memory.ts';
import type { Acknowledgement } from '../../core/rollout/acknowledgement.ts';
import { type FleetProxy, fleetDiagnostics, removedClusters } from '../../core/rollout/lost-fleets.ts';
import {
  type LiveMark,
  type RevisionAction,
  type RevisionEvent,
  type RevisionLedger,
  startLedger,
  stepLedger,
} from '../../core/rollout/revision-ledger.ts';
import type { SourceFile } from '../../io/git/source-file.ts';
import type { FrozenRevision } from '../../io/store/frozen.ts';
import type { Bundle } from '../revision/bundle.ts';
import { compileRevision, type RevisionFiles } from '../revision/compile-revision.ts';
import { diagnosticsText } from '../revision/diagnostics-text.ts';
import type { PolicyCompiler } from '../revision/policy-compiler.ts';
import { aborted } from './aborted.ts';
import type { RolloutBefore } from './bundle-shelf.ts';
import type { ControlEvent } from './control-event.ts';
import type { Publisher, RefusedResources } from './publisher.ts';

/** What the control plane does with the world. */
export interface ControlPorts {
  readonly compilePolicies: PolicyCompiler;
  readonly context: TreeContext;
  readonly publisher: Publisher;
  /** Makes the deciders hold a revision, before any proxy can name it. */
  readonly hold: (bundle: Bundle) => Promise<void>;
  /** Keeps a revision as the one to start from. */
  readonly keep: (bundle: Bundle, live: LiveMark) => Promise<void>;
  /** Keeps what is frozen, in place of what was kept before. */
  readonly keepFrozen: (frozen: readonly FrozenRevision[]) => Promise<void>;
  readonly acknowledgement: (digest: Digest) => Acknowledgement;
  /** The connected proxies that are served. */
  readonly proxies: () => readonly FleetProxy[];
  /** Resolves when the proxies that went away, at a restart of ours too, had the time to come back. */
  readonly proxiesReturned: () => Promise<void>;
  readonly monotonicMs: () => number;
  /** Hears what happened, in order. */
  readonly onEvent: (event: ControlEvent) => void;
}

/** What came of one commit. */
export interface HandledRevision {
  readonly diagnostics: string;
  readonly compileMs: number;
  readonly acknowledgeMs: number;
}

/** A proxy that does not answer holds nobody up for longer: the revision stays on its way, and its state says so. */
const ACKNOWLEDGE_TIMEOUT_MS = 15_000;

/** Takes commits in, one at a time, and brings each to an end: serving, rejected, frozen, or still on its way. */
export class ControlPlane {
  readonly #ports: ControlPorts;
  readonly #bundles = new Map<Digest, Bundle>();
  /** Why each frozen revision was refused. */
  readonly #refusals: Map<Digest, string>;
  /** Of the commits before: what a commit leaves as it was is not compiled again. */
  readonly #memory = createTreeMemory();
  #ledger: RevisionLedger;
  #diagnostics = '';
  /** Wakes whoever waits for the candidate's fate. */
  #changed: () => void = () => undefined;

  constructor(ports: ControlPorts, { served, frozen }: RolloutBefore) {
    this.#ports = ports;
    const marks = served.map(({ bundle: { digest, commit }, taken }) => ({ digest, commit, taken }));
    const digests = frozen.map(({ digest }) => digest);
    this.#ledger = startLedger(marks, digests);
    for (const { bundle } of served) this.#bundles.set(bundle.digest, bundle);
    this.#refusals = new Map(frozen.map(({ digest, diagnostics }) => [digest, diagnostics]));
  }

  /** Serves the last good revision until the first commit is read. */
  async start(): Promise<void> {
    const { live, behind } = this.#ledger;
    if (live === undefined) return;
    for (const { digest } of [live, ...behind]) await this.#ports.hold(this.#bundle(digest));
    this.#ports.publisher.publish(this.#bundle(live.digest));
  }

  /** What proxies may be told to name: the live revision, what it leads back to, and the one on its way. */
  get digests(): readonly Digest[] {
    const { live, behind, candidate } = this.#ledger;
    return [live ?? [], behind, candidate ?? []].flat().map(({ digest }) => digest);
  }

  get ledger(): RevisionLedger {
    return this.#ledger;
  }

  /** The diagnostics of the newest commit, as text. */
  get diagnostics(): string {
    return this.#diagnostics;
  }

  /** Brings one commit to its end. `superseded` aborts when a newer one is there. */
  async take(revision: RevisionFiles, superseded: AbortSignal): Promise<HandledRevision> {
    const startedMs = this.#ports.monotonicMs();
    const known = { ...revision, memory: this.#memory };
    const compiled = await compileRevision(known, this.#ports.compilePolicies, this.#ports.context, superseded);
    this.#diagnostics = diagnosticsText(compiled.diagnostics, revision.files);
    const compileMs = this.#ports.monotonicMs() - startedMs;
    const { bundle } = compiled;
    const { signer } = revision;
    const lost = bundle === undefined ? [] : await this.#lostFleets(bundle, superseded);
    const findings = [...compiled.diagnostics, ...lost];
    const about = { commit: revision.commit, ...(signer === undefined ? {} : { signer }), findings };
    if (lost.length > 0) this.#diagnostics = diagnosticsText(findings, revision.files);
    if (bundle === undefined || lost.length > 0) {
      await this.#step({ kind: 'rejected', commit: revision.commit });
      this.#ports.onEvent({ kind: 'rejected', ...about, diagnostics: this.#diagnostics });
      return { diagnostics: this.#diagnostics, compileMs, acknowledgeMs: 0 };
    }
    if (superseded.aborted) return { diagnostics: this.#diagnostics, compileMs, acknowledgeMs: 0 };
    const fleets = bundle.ir.fleets.map(({ cluster }) => cluster);
    this.#ports.onEvent({ kind: 'validated', ...about, digest: bundle.digest, fleets });
    this.#sources = { digest: bundle.digest, files: revision.files };
    // No proxy will name a frozen one.
    if (!this.#ledger.frozen.includes(bundle.digest)) await this.#ports.hold(bundle);
    const publishedMs = this.#ports.monotonicMs();
    // Not before the wait: a proxy that acknowledges the candidate meanwhile would make it forgotten.
    this.#bundles.set(bundle.digest, bundle);
    await this.#compiled(revision.commit, bundle.digest);
    await this.#settled(bundle.digest, superseded);
    return { diagnostics: this.#diagnostics, compileMs, acknowledgeMs: this.#ports.monotonicMs() - publishedMs };
  }

  /** A commit that brings what serves already, or what a proxy refused before, has come to its end with this. */
  async #compiled(commit: string, digest: Digest): Promise<void> {
    const { live, frozen } = this.#ledger;
    await this.#step({ kind: 'compiled', commit, digest });
    if (this.#ledger.newest?.kind === 'frozen') this.#diagnostics = this.#refusals.get(digest) ?? '';
    if (frozen.includes(digest)) {
      this.#ports.onEvent({ kind: 'frozen', commit, digest, diagnostics: this.#diagnostics, findings: [] });
    } else if (live?.digest === digest) {
      this.#ports.onEvent({ kind: 'serving', commit, digest });
    }
  }

  #sources: { readonly digest: Digest; readonly files: readonly SourceFile[] } | undefined;

  /** Lets the newest commit be tried again when it comes the next time, although a proxy refused it. */
  async thaw(): Promise<void> {
    const { newest } = this.#ledger;
    if (newest?.kind === 'frozen') await this.#step({ kind: 'thawed', digest: newest.digest });
  }

  /** A proxy has acknowledged all of a revision, or has come or gone. */
  async proxiesChanged(): Promise<void> {
    const { candidate, live } = this.#ledger;
    if (candidate === undefined) {
      const isNews = live !== undefined && !live.taken && this.#ports.acknowledgement(live.digest).taken;
      if (isNews) await this.#step({ kind: 'acknowledged', digest: live.digest, taken: true });
      return;
    }
    const { complete, taken } = this.#ports.acknowledgement(candidate.digest);
    if (!complete) return;
    await this.#step({ kind: 'acknowledged', digest: candidate.digest, taken });
    this.#ports.onEvent({ kind: 'serving', ...candidate });
    this.#changed();
  }

  /** A proxy refused a resource of a revision. */
  async refused(refused: RefusedResources): Promise<void> {
    const { digest } = refused;
    const { candidate, live } = this.#ledger;
    const mark = [candidate, live?.taken === false ? live : undefined].find((each) => each?.digest === digest);
    if (mark === undefined) return;
    const findings: Diagnostic[] = this.#ports.publisher.explainRefusal(refused);
    const files = this.#sources?.digest === digest ? this.#sources.files : [];
    const diagnostics = diagnosticsText(findings, files);
    this.#refusals.set(digest, diagnostics);
    await this.#step({ kind: 'refused', digest });
    // A newer commit may have been rejected meanwhile: then its own diagnostics stand.
    const { newest } = this.#ledger;
    if (newest?.kind === 'frozen' && newest.digest === digest) this.#diagnostics = diagnostics;
    this.#ports.onEvent({ kind: 'frozen', commit: mark.commit, digest, diagnostics, findings });
    this.#changed();
  }

  /** Why the fleets of a bundle do not let it serve. Proxies are asked about only where a fleet is taken away. */
  async #lostFleets({ ir }: Bundle, superseded: AbortSignal): Promise<Diagnostic[]> {
    const before = this.digests.flatMap((digest) => this.#bundle(digest).ir.fleets);
    if (removedClusters(before, ir.fleets).length === 0) return fleetDiagnostics(ir.fleets, []);
    const lost = fleetDiagnostics(ir.fleets, this.#ports.proxies());
    if (lost.length > 0) return lost;
    await Promise.race([this.#ports.proxiesReturned(), aborted(superseded)]);
    return fleetDiagnostics(ir.fleets, this.#ports.proxies());
  }

  async #step(event: RevisionEvent): Promise<void> {
    const { ledger, actions } = stepLedger(this.#ledger, event);
    this.#ledger = ledger;
    // All are begun in this turn: what comes meanwhile may let go of these bundles.
    await Promise.all(actions.map((action) => this.#do(action)));
    this.#forget();
  }

  #do(action: RevisionAction): Promise<void> | undefined {
    switch (action.kind) {
      case 'publish': {
        const bundle = this.#bundle(action.digest);
        this.#ports.publisher.publish(bundle);
        this.#ports.onEvent({ kind: 'published', commit: bundle.commit, digest: action.digest });
        return undefined;
      }
      case 'keep':
        return this.#ports.keep(this.#bundle(action.live.digest), action.live);
      case 'keep-frozen': {
        const told = action.digests.map((digest) => ({ digest, diagnostics: this.#refusals.get(digest) ?? '' }));
        return this.#ports.keepFrozen(told);
      }
    }
  }

  #bundle(digest: Digest): Bundle {
    return present(this.#bundles.get(digest), `the bundle ${digest}`);
  }

  /** Holds on to what proxies may be told to name; all others come from the disk or from Git again. */
  #forget(): void {
    const { digests } = this;
    const { frozen } = this.#ledger;
    for (const digest of this.#refusals.keys()) if (!frozen.includes(digest)) this.#refusals.delete(digest);
    for (const digest of this.#bundles.keys()) if (!digests.includes(digest)) this.#bundles.delete(digest);
  }

  /** Resolves when the candidate serves or is frozen, a newer commit is there, or the time is up. */
  async #settled(digest: Digest, superseded: AbortSignal): Promise<void> {
    const timeout = AbortSignal.timeout(ACKNOWLEDGE_TIMEOUT_MS);
    const given = AbortSignal.any([superseded, timeout]);
    await this.proxiesChanged();
    while (this.#ledger.candidate?.digest === digest && !given.aborted) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
        given.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
}
