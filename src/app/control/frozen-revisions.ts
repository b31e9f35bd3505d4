import type { Digest } from '../../core/base/digest.ts';
import type { RevisionMark } from '../../core/rollout/revision-ledger.ts';
import type { FrozenRevision } from '../../io/store/frozen.ts';

/** Which commit brought each frozen revision, and why it was stopped. */
export class FrozenRevisions {
  readonly #known: Map<Digest, FrozenRevision>;

  constructor(before: readonly FrozenRevision[]) {
    this.#known = new Map(before.map((frozen) => [frozen.digest, frozen]));
  }

  /** Why it was stopped, as text. */
  refusal(digest: Digest): string {
    return this.#known.get(digest)?.diagnostics ?? '';
  }

  add(frozen: FrozenRevision): void {
    this.#known.set(frozen.digest, frozen);
  }

  /** Those of the digests, in their order. */
  of(digests: readonly Digest[]): FrozenRevision[] {
    return digests.flatMap((digest) => this.#known.get(digest) ?? []);
  }

  /** Those of the digests, each with the commit that brought it. */
  marks(digests: readonly Digest[]): RevisionMark[] {
    return this.of(digests).map(({ digest, commit }) => ({ digest, commit }));
  }

  keepOnly(digests: readonly Digest[]): void {
    for (const digest of this.#known.keys()) if (!digests.includes(digest)) this.#known.delete(digest);
  }
}
