import { present } from '../../core/base/assert.ts';
import type { Digest } from '../../core/base/digest.ts';
import type { Diagnostic } from '../../core/diagnostics/diagnostic.ts';
import type { TreeContext } from '../../core/language/catalog.ts';
import {
  type RevisionEvent,
  type RevisionLedger,
  type RevisionMark,
  startLedger,
  stepLedger,
} from '../../core/rollout/revision-ledger.ts';
import type { SourceFile } from '../../io/git/source-file.ts';
import type { Bundle } from '../revision/bundle.ts';
import { compileRevision, type RevisionFiles } from '../revision/compile-revision.ts';
import { diagnosticsText } from '../revision/diagnostics-text.ts';
import type { PolicyCompiler } from '../revision/policy-compiler.ts';
import type { Publisher, RefusedResources } from './publisher.ts';

/** What the control plane does with the world. */
export interface ControlPorts {
  readonly compilePolicies: PolicyCompiler;
  readonly context: TreeContext;
  readonly publisher: Publisher;
  /** Makes the deciders hold a revision, before any proxy can name it. */
  readonly hold: (bundle: Bundle) => Promise<void>;
  /** Keeps a revision as the one to start from. */
  readonly keep: (bundle: Bundle, commit: string) => Promise<void>;
  /** Whether every proxy that is served has acknowledged the revision; so it is when there is none. */
  readonly isAcknowledged: (digest: Digest) => boolean;
  readonly monotonicMs: () => number;
  readonly log: (event: ControlEvent) => void;
}

export type ControlEvent =
  | { readonly kind: 'rejected'; readonly commit: string; readonly diagnostics: string }
  | { readonly kind: 'published'; readonly commit: string; readonly digest: Digest }
  | { readonly kind: 'serving'; readonly commit: string; readonly digest: Digest }
  | { readonly kind: 'frozen'; readonly commit: string; readonly digest: Digest; readonly diagnostics: string };

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
  readonly #refusals = new Map<Digest, string>();
  #ledger: RevisionLedger;
  #diagnostics = '';
  /** Wakes whoever waits for the candidate's fate. */
  #changed: () => void = () => undefined;

  constructor(ports: ControlPorts, lastGood: Bundle | undefined) {
    this.#ports = ports;
    const mark: RevisionMark | undefined = lastGood && { digest: lastGood.digest, commit: lastGood.commit };
    this.#ledger = startLedger(mark);
    if (lastGood !== undefined) this.#bundles.set(lastGood.digest, lastGood);
  }

  /** Serves the last good revision until the first commit is read. */
  async start(): Promise<void> {
    const { live } = this.#ledger;
    if (live === undefined) return;
    const bundle = present(this.#bundles.get(live.digest), 'the last good bundle');
    await this.#ports.hold(bundle);
    this.#ports.publisher.publish(bundle);
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
    const compiled = await compileRevision(revision, this.#ports.compilePolicies, this.#ports.context, superseded);
    this.#diagnostics = diagnosticsText(compiled.diagnostics, revision.files);
    const compileMs = this.#ports.monotonicMs() - startedMs;
    const { bundle } = compiled;
    if (bundle === undefined) {
      await this.#step({ kind: 'rejected', commit: revision.commit });
      this.#ports.log({ kind: 'rejected', commit: revision.commit, diagnostics: this.#diagnostics });
      return { diagnostics: this.#diagnostics, compileMs, acknowledgeMs: 0 };
    }
    if (superseded.aborted) return { diagnostics: this.#diagnostics, compileMs, acknowledgeMs: 0 };
    this.#sources = { digest: bundle.digest, files: revision.files };
    await this.#ports.hold(bundle);
    const publishedMs = this.#ports.monotonicMs();
    // Not before the wait: a proxy that acknowledges the candidate meanwhile would make it forgotten.
    this.#bundles.set(bundle.digest, bundle);
    await this.#step({ kind: 'compiled', commit: revision.commit, digest: bundle.digest });
    if (this.#ledger.newest?.kind === 'frozen') this.#diagnostics = this.#refusals.get(bundle.digest) ?? '';
    await this.#settled(bundle.digest, superseded);
    return { diagnostics: this.#diagnostics, compileMs, acknowledgeMs: this.#ports.monotonicMs() - publishedMs };
  }

  #sources: { readonly digest: Digest; readonly files: readonly SourceFile[] } | undefined;

  /** A proxy has acknowledged all of a revision, or has come or gone. */
  async proxiesChanged(): Promise<void> {
    const { candidate } = this.#ledger;
    if (candidate === undefined || !this.#ports.isAcknowledged(candidate.digest)) return;
    await this.#step({ kind: 'acknowledged', digest: candidate.digest });
    this.#ports.log({ kind: 'serving', ...candidate });
    this.#changed();
  }

  /** A proxy refused a resource of a revision. */
  async refused(refused: RefusedResources): Promise<void> {
    const { digest } = refused;
    const { candidate } = this.#ledger;
    if (candidate?.digest !== digest) return;
    const found: Diagnostic[] = this.#ports.publisher.explainRefusal(refused);
    const files = this.#sources?.digest === digest ? this.#sources.files : [];
    const diagnostics = diagnosticsText(found, files);
    this.#refusals.set(digest, diagnostics);
    await this.#step({ kind: 'refused', digest });
    // A newer commit may have been rejected meanwhile: then its own diagnostics stand.
    if (this.#ledger.newest?.kind === 'frozen') this.#diagnostics = diagnostics;
    this.#ports.log({ kind: 'frozen', ...candidate, diagnostics });
    this.#changed();
  }

  async #step(event: RevisionEvent): Promise<void> {
    const { ledger, actions } = stepLedger(this.#ledger, event);
    this.#ledger = ledger;
    for (const action of actions) {
      const bundle = present(this.#bundles.get(action.digest), `the bundle ${action.digest}`);
      switch (action.kind) {
        case 'publish':
          this.#ports.publisher.publish(bundle);
          this.#ports.log({ kind: 'published', commit: bundle.commit, digest: action.digest });
          break;
        case 'keep':
          await this.#ports.keep(bundle, action.commit);
          break;
      }
    }
    this.#forget();
  }

  /** Holds on to the live revision and the one on its way; all others come from the disk or from Git again. */
  #forget(): void {
    const { live, candidate, frozen } = this.#ledger;
    for (const digest of this.#refusals.keys()) if (!frozen.includes(digest)) this.#refusals.delete(digest);
    for (const digest of this.#bundles.keys()) {
      if (digest !== live?.digest && digest !== candidate?.digest) this.#bundles.delete(digest);
    }
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
