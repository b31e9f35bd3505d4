/** Messages that are kept: the answers and subscriptions that many proxies of a fleet send alike. */
const MESSAGES_MAX = 64;

/** Longest message that is kept: a hundred thousand names would be found again too seldom to be worth it. */
const MESSAGE_BYTES_MAX = 512 * 1024;

/** Together with those of the longest kind, no more than a few of them. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;

interface Kept<T> {
  readonly bytes: Uint8Array;
  readonly value: T;
}

/**
 * What was read from equal bytes before. A thousand proxies that acknowledge one response send the same bytes, and get
 * the same object: it is read once, and what follows from it is worked out once (`sharedStep`).
 */
export class RequestCache<T> {
  readonly #kept = new Map<number, Kept<T>>();
  /** Keys of messages that came once. */
  readonly #once = new Set<number>();
  #bytes = 0;

  find(bytes: Uint8Array): T | undefined {
    const kept = this.#kept.get(keyOf(bytes));
    return kept !== undefined && Buffer.compare(kept.bytes, bytes) === 0 ? kept.value : undefined;
  }

  /** Keeps a copy of the bytes: they are a piece of what came over the wire. */
  keep(bytes: Uint8Array, value: T): void {
    if (bytes.length <= MESSAGE_BYTES_MAX) this.#keepOwn(Uint8Array.from(bytes), value);
  }

  /**
   * The same for large messages that mostly differ: kept when one like it comes the second time. What is read of it may
   * refer to its bytes, so it is read from the copy.
   */
  keepRepeated(bytes: Uint8Array, read: (bytes: Uint8Array) => T): void {
    if (bytes.length > MESSAGE_BYTES_MAX) return;
    const key = keyOf(bytes);
    if (this.#once.delete(key)) {
      const copy = Uint8Array.from(bytes);
      this.#keepOwn(copy, read(copy));
      return;
    }
    if (this.#once.size >= MESSAGES_MAX) this.#once.clear();
    this.#once.add(key);
  }

  #keepOwn(bytes: Uint8Array, value: T): void {
    if (this.#kept.size >= MESSAGES_MAX || this.#bytes + bytes.length > KEPT_BYTES_MAX) {
      this.#kept.clear();
      this.#bytes = 0;
    }
    this.#kept.set(keyOf(bytes), { bytes, value });
    this.#bytes += bytes.length;
  }
}

/** The length and the last bytes, where nonces stand; another message with the same key takes its place. */
function keyOf(bytes: Uint8Array): number {
  let key = bytes.length;
  for (let at = Math.max(0, bytes.length - KEY_BYTES); at < bytes.length; at += 1) {
    key = (Math.imul(key, 31) + (bytes[at] ?? 0)) | 0;
  }
  return key;
}

const KEY_BYTES = 12;
