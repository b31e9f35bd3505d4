import type { RevisionLedger } from '../../core/rollout/revision-ledger.ts';

/** The ledger as the disk has it. What is shown is what a restart would find, however soon it comes. */
export class KeptLedger {
  #ledger: RevisionLedger;
  #written: Promise<unknown> = Promise.resolve();

  constructor(ledger: RevisionLedger) {
    this.#ledger = ledger;
  }

  get ledger(): RevisionLedger {
    return this.#ledger;
  }

  /** Resolves when the ledger is shown: its writes have come to their end, and those before it. */
  async follow(ledger: RevisionLedger, writes: readonly (Promise<void> | undefined)[]): Promise<void> {
    const written = Promise.all([this.#written, ...writes]);
    // What is written next is shown, whatever became of this.
    this.#written = written.catch(() => undefined);
    await written;
    this.#ledger = ledger;
  }
}
