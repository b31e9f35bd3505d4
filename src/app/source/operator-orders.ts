import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import {
  OVERRIDE_MS_MAX,
  type OverrideOrder,
  type SourceControl,
  SourceControlError,
  type SourceControlState,
} from './source-control.ts';
import { isCommit, readMemory, type SourceMemory, saveMemory } from './source-memory.ts';

/** What happened to the orders, for the log: each is an alarm to somebody. */
export type OrderEvent =
  | { readonly kind: 'suspended' | 'resumed' | 'unpinned' | 'override-ended' | 'override-expired' }
  | { readonly kind: 'pinned'; readonly commit: string }
  | ({ readonly kind: 'overridden' } & OverrideOrder);

interface OrderPorts {
  /** The file of the state folder that keeps them. */
  readonly path: string;
  /** Which repository and ref the settings name. */
  readonly source: string;
  readonly nowMs: () => number;
  /** The orders changed: the source looks again at once. */
  readonly onChange: () => void;
  readonly onEvent: (event: OrderEvent) => void;
}

const REASON_CHARACTERS_MAX = 500;

/** Keeps the orders of operators on disk, and ends what has its time. */
export class OperatorOrders implements SourceControl {
  readonly #ports: OrderPorts;
  #memory: SourceMemory;
  #expiry: NodeJS.Timeout | undefined;
  #kept: Promise<void> = Promise.resolve();

  private constructor(ports: OrderPorts, memory: SourceMemory) {
    this.#ports = ports;
    this.#memory = memory;
    this.#watchExpiry();
  }

  static async open(ports: OrderPorts): Promise<OperatorOrders> {
    const orders = new OperatorOrders(ports, await readMemory(ports.path, ports.nowMs()));
    const { override } = orders.state();
    if (override !== undefined) ports.onEvent({ ...override, kind: 'overridden' });
    return orders;
  }

  readonly state = (): SourceControlState => {
    const { override, ...others } = this.#memory.orders;
    return override === undefined || override.untilMs <= this.#ports.nowMs() ? others : { ...others, override };
  };

  /** The last commit of the repository and ref that served: settings that name others begin anew. */
  get served(): string | undefined {
    const { served } = this.#memory;
    return served?.of === this.#ports.source ? served.commit : undefined;
  }

  async keepServed(commit: string): Promise<void> {
    if (commit === this.served) return;
    const served = { commit, of: this.#ports.source };
    await this.#keep((memory) => ({ ...memory, served }));
  }

  /** What the caller of the last reconcile called it. */
  get handledReconcileAt(): string | undefined {
    return this.#memory.handledReconcileAt;
  }

  /** Gives what a reconcile gives, and keeps its name once it was handled; in memory alone where the disk takes none. */
  async handling<Answer>(handledReconcileAt: string | undefined, reconcile: Promise<Answer>): Promise<Answer> {
    const answer = await reconcile;
    if (handledReconcileAt === undefined) return answer;
    await this.#keep((memory) => ({ ...memory, handledReconcileAt })).catch(() => {
      this.#memory = { ...this.#memory, handledReconcileAt };
    });
    return answer;
  }

  readonly suspend = async (reason: string): Promise<void> => {
    const suspended = { reason: checkedReason(reason), sinceMs: this.#ports.nowMs() };
    await this.#order({ suspended }, { kind: 'suspended' });
  };

  readonly resume = (): Promise<void> => this.#withdraw('suspended', { kind: 'resumed' });

  readonly pin = async (commit: string): Promise<void> => {
    const pinned = { commit: checkedCommit(commit), sinceMs: this.#ports.nowMs() };
    await this.#order({ pinned }, { kind: 'pinned', commit });
  };

  readonly unpin = (): Promise<void> => this.#withdraw('pinned', { kind: 'unpinned' });

  readonly override = async (order: OverrideOrder): Promise<void> => {
    const nowMs = this.#ports.nowMs();
    const { from, untilMs } = order;
    if (!(untilMs > nowMs && untilMs <= nowMs + OVERRIDE_MS_MAX)) {
      throw new SourceControlError('source-order', 'an override ends in the future, within 7 days');
    }
    if (from.kind === 'commit') checkedCommit(from.commit);
    else await checkDirectory(from.directory);
    const override = { from, untilMs, reason: checkedReason(order.reason), sinceMs: nowMs };
    await this.#order({ override }, { ...override, kind: 'overridden' });
  };

  readonly endOverride = (): Promise<void> => this.#withdraw('override', { kind: 'override-ended' });

  close(): void {
    clearTimeout(this.#expiry);
  }

  async #order(orders: SourceControlState, event: OrderEvent): Promise<void> {
    await this.#keep((memory) => ({ ...memory, orders: { ...this.state(), ...orders } }));
    this.#ports.onEvent(event);
    this.#ports.onChange();
  }

  async #withdraw(name: keyof SourceControlState, event: OrderEvent): Promise<void> {
    if (this.state()[name] === undefined) return;
    await this.#keep((memory) => {
      const { [name]: _withdrawn, ...orders } = this.state();
      return { ...memory, orders };
    });
    this.#ports.onEvent(event);
    this.#ports.onChange();
  }

  /** One change after the other: each begins with what the one before left. */
  #keep(change: (memory: SourceMemory) => SourceMemory): Promise<void> {
    const kept = this.#kept.then(async () => {
      const memory = change(this.#memory);
      await saveMemory(this.#ports.path, memory);
      this.#memory = memory;
      this.#watchExpiry();
    });
    this.#kept = kept.catch(() => undefined);
    return kept;
  }

  #watchExpiry(): void {
    clearTimeout(this.#expiry);
    const { override } = this.#memory.orders;
    if (override === undefined) return;
    const leftMs = Math.max(override.untilMs - this.#ports.nowMs(), 0);
    this.#expiry = setTimeout(() => {
      this.#ports.onEvent({ kind: 'override-expired' });
      this.#ports.onChange();
    }, leftMs);
    this.#expiry.unref();
  }
}

function checkedReason(reason: string): string {
  if (reason.trim() !== '' && reason.length <= REASON_CHARACTERS_MAX && !/\p{Cc}/u.test(reason)) return reason.trim();
  throw new SourceControlError('source-order', 'say why, in one line of 500 characters at most');
}

function checkedCommit(commit: string): string {
  if (isCommit(commit)) return commit;
  throw new SourceControlError('source-order', 'a commit is named by its 40 hexadecimal digits');
}

async function checkDirectory(directory: string): Promise<void> {
  const isDirectory = await stat(directory).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isAbsolute(directory) && isDirectory) return;
  throw new SourceControlError('source-order', 'the folder must be there, and named by its absolute path');
}
