import { createHash } from 'node:crypto';

/** A forge repeats a delivery within minutes; whoever repeats an old one has caused one look at the repository. */
const REMEMBERED_MS = 10 * 60_000;
/** About a megabyte. */
const REMEMBERED_MAX = 10_000;

/** Remembers deliveries by their id and by their content, since most forges sign the content alone. */
export class SeenDeliveries {
  readonly #seenMs = new Map<string, number>();

  /** Whether this is the first of its kind; from now on it is not. */
  isNew(id: string | undefined, body: Buffer, nowMs: number): boolean {
    for (const [key, seenMs] of this.#seenMs) {
      if (nowMs - seenMs < REMEMBERED_MS && this.#seenMs.size < REMEMBERED_MAX) break;
      this.#seenMs.delete(key);
    }
    const content = createHash('sha256').update(body).digest('base64');
    const keys = [content, ...(id === undefined ? [] : [`id ${id}`])];
    const isNew = keys.every((key) => !this.#seenMs.has(key));
    if (isNew) for (const key of keys) this.#seenMs.set(key, nowMs);
    return isNew;
  }
}
