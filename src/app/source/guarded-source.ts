import { createHash } from 'node:crypto';
import type { Fetched, Mirror } from '../../io/git/mirror.ts';
import { MIRROR_REF } from '../../io/git/mirror-directory.ts';
import type { Revision } from '../../io/git/mirror-reader.ts';
import { SourceError } from '../../io/git/source-error.ts';
import { type Signed, verifySignature } from '../../io/git/verify-signature.ts';
import { readWorkingTree } from '../../io/git/working-tree.ts';
import type { RepositorySettings } from '../settings/repository-settings.ts';
import type { OperatorOrders } from './operator-orders.ts';
import { type OverrideSource, SourceControlError } from './source-control.ts';

interface GuardPorts {
  readonly mirror: Mirror;
  readonly settings: Pick<RepositorySettings, 'forcePush' | 'verify'>;
  readonly orders: OperatorOrders;
  /** The commit of the live revision. */
  readonly live: () => string | undefined;
  readonly nowMs: () => number;
}

/** What was found of a signature that is asked for. */
export type Verification =
  | { readonly kind: 'verified'; readonly commit: string; readonly signer: string }
  | { readonly kind: 'refused'; readonly commit: string; readonly error: SourceError };

/** Each look would cost 30 to 50 ms of programs; within this time a key that goes away is noticed too. */
const VERIFIED_FOR_MS = 60_000;
/** Commits that were taken and may come to serve yet: more are never on their way at once. */
const TAKEN_MAX = 100;

/**
 * What the watch sees in place of the mirror: the commit that operators and the rules of the settings let through. A
 * commit that they refuse is an error, and what serves stays.
 */
export class GuardedSource {
  readonly #ports: GuardPorts;
  readonly #taken = new Set<string>();
  #directory: { readonly label: string; readonly revision: Revision } | undefined;
  #found: string | undefined;
  #fetchedAtMs: number | undefined;
  #verification: Verification | undefined;
  #verifiedAtMs = Number.NEGATIVE_INFINITY;

  constructor(ports: GuardPorts) {
    this.#ports = ports;
  }

  /** The commit that the ref had at the last fetch. */
  get found(): string | undefined {
    return this.#found;
  }

  get fetchedAtMs(): number | undefined {
    return this.#fetchedAtMs;
  }

  get verification(): Verification | undefined {
    return this.#verification;
  }

  /** @throws SourceError of the mirror or of the rules; SourceControlError `source-suspended` */
  async fetch(signal?: AbortSignal): Promise<Fetched> {
    await this.#rememberServed();
    const { override, suspended, pinned } = this.#ports.orders.state();
    if (override !== undefined) return await this.#overridden(override.from);
    if (suspended !== undefined) {
      throw new SourceControlError('source-suspended', `the source is suspended: ${suspended.reason}`);
    }
    return pinned === undefined ? await this.#following(signal) : await this.#pinned(pinned.commit);
  }

  async read(commit: string, subpath?: string): Promise<Revision> {
    const { mirror } = this.#ports;
    return this.#directory?.label === commit ? this.#directory.revision : await mirror.read(commit, subpath);
  }

  async #following(signal: AbortSignal | undefined): Promise<Fetched> {
    const { mirror, settings } = this.#ports;
    const fetched = await mirror.fetch(signal);
    this.#found = fetched.commit;
    this.#fetchedAtMs = this.#ports.nowMs();
    await this.#checkDescent(fetched.commit);
    return await this.#verified(fetched, signedThings(settings.verify?.mode, fetched.commit));
  }

  /** Whom the operator asks for may be older than what served; its signature is asked for all the same. */
  async #pinned(commit: string): Promise<Fetched> {
    await this.#ports.mirror.bring(commit);
    return await this.#verified({ commit, forced: false }, signedThings('head', commit));
  }

  async #verified(fetched: Fetched, signed: readonly Signed[]): Promise<Fetched> {
    const { mirror, settings } = this.#ports;
    const { commit } = fetched;
    if (settings.verify === undefined) return this.#take(fetched);
    const last = this.#verification;
    if (
      last?.kind === 'verified' &&
      last.commit === commit &&
      this.#ports.nowMs() < this.#verifiedAtMs + VERIFIED_FOR_MS
    ) {
      return this.#take({ ...fetched, signer: last.signer });
    }
    try {
      let signer = '';
      for (const each of signed) signer = await verifySignature(mirror.place, each, settings.verify.keys);
      this.#verification = { kind: 'verified', commit, signer };
      this.#verifiedAtMs = this.#ports.nowMs();
      return this.#take({ ...fetched, signer });
    } catch (error) {
      if (error instanceof SourceError) this.#verification = { kind: 'refused', commit, error };
      throw error;
    }
  }

  /** An old commit with a good signature is a replay, and a force push where none is allowed. */
  async #checkDescent(commit: string): Promise<void> {
    const { mirror, settings, orders } = this.#ports;
    const { served } = orders;
    const isAsked = settings.forcePush === 'refuse' || settings.verify !== undefined;
    if (!isAsked || served === undefined || served === commit) return;
    if (await mirror.descends(commit, served)) return;
    const error = new SourceError(
      'git-rewritten',
      `${commit.slice(0, 12)} does not descend from ${served.slice(0, 12)}, the last commit that served`,
    );
    if (settings.verify !== undefined) this.#verification = { kind: 'refused', commit, error };
    throw error;
  }

  async #overridden(from: OverrideSource): Promise<Fetched> {
    if (from.kind === 'directory') {
      const walked = await readWorkingTree(from.directory);
      const tree = createHash('sha1').update(JSON.stringify(walked.files.map(({ path, blobId }) => [path, blobId])));
      const label = `directory-${tree.digest('hex').slice(0, 12)}`;
      this.#directory = { label, revision: { tree: label, ...walked } };
      return { commit: label, forced: false };
    }
    await this.#ports.mirror.bring(from.commit);
    return { commit: from.commit, forced: false };
  }

  #take(fetched: Fetched): Fetched {
    this.#taken.delete(fetched.commit);
    this.#taken.add(fetched.commit);
    for (const oldest of this.#taken) {
      if (this.#taken.size <= TAKEN_MAX) break;
      this.#taken.delete(oldest);
    }
    return fetched;
  }

  /** What an override brought to serve is no measure for the commits after it. */
  async #rememberServed(): Promise<void> {
    const live = this.#ports.live();
    if (live !== undefined && this.#taken.has(live)) await this.#ports.orders.keepServed(live);
  }
}

/** What must be signed; whoever signed the last of them is the signer. */
function signedThings(mode: 'head' | 'tag' | 'tag-and-head' | undefined, commit: string): readonly Signed[] {
  const head: Signed = { kind: 'commit', name: commit };
  const tag: Signed = { kind: 'tag', name: MIRROR_REF };
  switch (mode) {
    case 'tag':
      return [tag];
    case 'tag-and-head':
      return [tag, head];
    case 'head':
    case undefined:
      return [head];
  }
}
