import type { Fetched, Mirror } from './mirror.ts';
import type { Revision } from './mirror-reader.ts';
import { SourceError } from './source-error.ts';

export interface WatchOptions {
  readonly mirror: Pick<Mirror, 'fetch' | 'read'>;
  /** The directory of the repository to read. Default: all of it. */
  readonly subpath?: string;
  readonly intervalMs: number;
  /** In [0, 1): spreads the polls of many watchers. */
  readonly random: () => number;
  /**
   * Called once per new commit, one at a time. `superseded` aborts when a newer commit has been read; that one is
   * handed over when this call ends, and commits in between are left out. A rejection is a failure of the world: it
   * goes to `onError`, and the commit comes again at the next poll; once `superseded` has aborted it is none, but says
   * that the commit was passed over. A commit that does not validate resolves.
   */
  readonly onRevision: (revision: WatchedRevision, superseded: AbortSignal) => Promise<void>;
  /** A commit was not handled, because this newer one was there. */
  readonly onPassedOver?: (commit: string, by: string) => void;
  readonly onError: (error: unknown) => void;
  /** Whether a failed poll makes the next ones rarer. Default: each does. */
  readonly backsOff?: (error: unknown) => boolean;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/** Why `superseded` aborts. */
class CommitSuperseded extends Error {
  override readonly name = 'CommitSuperseded';
  readonly code = 'commit-superseded';
  readonly by: string;

  constructor(by: string) {
    super(`${by} took its place`);
    this.by = by;
  }
}

export interface WatchedRevision extends Fetched, Revision, PollTimes {}

export interface PollTimes {
  readonly fetchMs: number;
  readonly readMs: number;
}

export interface Reconciled extends PollTimes {
  readonly commit: string;
  /** False when this commit had been handed over before. */
  readonly changed: boolean;
}

export interface Watch {
  /**
   * Polls at once, also during back-off, and resolves when the commit found (or a newer one) has been handled.
   * Rejects as the poll or the handler fails. With `isAgain` a commit that was handled is handed over once more.
   */
  reconcile(isAgain?: boolean): Promise<Reconciled>;
  /** Resolves when the watch and its last handler have ended. */
  readonly ended: Promise<void>;
}

/** A remote that fails is asked less and less often, down to this. */
const BACK_OFF_MS_MAX = 5 * 60_000;
/** The share of the interval that chance moves. */
const JITTER = 0.2;

/** Polls a mirror until `signal` aborts. The first poll is at once. */
export function watch(options: WatchOptions): Watch {
  const watcher = new Watcher(options);
  return { reconcile: (isAgain) => watcher.reconcile(isAgain), ended: watcher.run() };
}

/** One commit on its way through `onRevision`. */
interface Handling {
  readonly commit: string;
  readonly superseded: AbortController;
  /** Never rejects: a failure is `failure`. */
  settled: Promise<void>;
  failure: { readonly error: unknown } | undefined;
}

interface Asker {
  readonly resolve: (found: Reconciled) => void;
  readonly reject: (error: unknown) => void;
}

class Watcher {
  readonly #options: WatchOptions;
  #current: Handling | undefined;
  readonly #askers: Asker[] = [];
  #wake: () => void = () => undefined;
  #failures = 0;
  /** A force push whose commit could not be read yet. */
  #forced = false;
  /** Somebody wants the newest commit handed over although it was. */
  #again = false;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  async reconcile(isAgain = false): Promise<Reconciled> {
    if (this.#options.signal.aborted) throw new SourceError('git-closed', 'the watch has ended');
    this.#again ||= isAgain;
    const { promise, resolve, reject } = Promise.withResolvers<Reconciled>();
    this.#askers.push({ resolve, reject });
    this.#wake();
    const found = await promise;
    let waited: Handling | undefined;
    do {
      waited = this.#current;
      await waited?.settled;
    } while (waited !== this.#current);
    if (waited?.failure !== undefined) throw waited.failure.error;
    return { ...found, commit: waited?.commit ?? found.commit };
  }

  async run(): Promise<void> {
    const { signal, onError } = this.#options;
    signal.addEventListener('abort', () => this.#wake(), { once: true });
    while (!signal.aborted) {
      const askers = this.#askers.splice(0);
      try {
        const found = await this.#poll();
        for (const asker of askers) asker.resolve(found);
      } catch (error) {
        if (!signal.aborted) onError(error);
        this.#failures = this.#failuresAfter(error);
        for (const asker of askers) asker.reject(error);
      }
      if (this.#askers.length === 0) await this.#pause();
    }
    for (const asker of this.#askers.splice(0)) asker.reject(new SourceError('git-closed', 'the watch has ended'));
    this.#current?.superseded.abort();
    await this.#current?.settled;
  }

  async #poll(): Promise<Reconciled> {
    const { mirror, signal, subpath } = this.#options;
    const startedAt = performance.now();
    const fetched = await mirror.fetch(signal);
    const { commit } = fetched;
    const fetchMs = performance.now() - startedAt;
    this.#forced ||= fetched.forced;
    if (this.#current?.commit === commit && this.#current.failure === undefined && !this.#again) {
      this.#failures = 0;
      return { commit, changed: false, fetchMs, readMs: 0 };
    }
    const revision = await mirror.read(commit, subpath);
    const readMs = performance.now() - startedAt - fetchMs;
    this.#hand({ ...revision, ...fetched, forced: this.#forced, fetchMs, readMs });
    this.#forced = false;
    this.#again = false;
    return { commit, changed: true, fetchMs, readMs };
  }

  #hand(revision: WatchedRevision): void {
    const before = this.#current;
    before?.superseded.abort(new CommitSuperseded(revision.commit));
    const superseded = new AbortController();
    const handling: Handling = { commit: revision.commit, superseded, settled: Promise.resolve(), failure: undefined };
    handling.settled = this.#handle(handling, revision, before?.settled);
    this.#current = handling;
  }

  async #handle(handling: Handling, revision: WatchedRevision, before: Promise<void> | undefined): Promise<void> {
    await before;
    const { signal } = handling.superseded;
    try {
      signal.throwIfAborted();
      await this.#options.onRevision(revision, signal);
      this.#failures = 0;
    } catch (error) {
      if (signal.aborted) {
        const { reason } = signal;
        if (reason instanceof CommitSuperseded) this.#options.onPassedOver?.(handling.commit, reason.by);
        return;
      }
      handling.failure = { error };
      this.#failures += 1;
      this.#options.onError(error);
    }
  }

  #failuresAfter(error: unknown): number {
    return this.#options.backsOff?.(error) === false ? 0 : this.#failures + 1;
  }

  /** Sleeps until the next poll is due, somebody asks, or the watch ends. */
  async #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#delayMs());
    this.#wake = resolve;
    if (this.#options.signal.aborted) resolve();
    await promise;
    clearTimeout(timer);
  }

  #delayMs(): number {
    const { intervalMs, random } = this.#options;
    const backOffMs = Math.min(intervalMs * 2 ** this.#failures, Math.max(BACK_OFF_MS_MAX, intervalMs));
    return backOffMs * (1 - JITTER + 2 * JITTER * random());
  }
}
