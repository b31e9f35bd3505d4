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
  #bytes = 0;

  find(bytes: Uint8Array): T | undefined {
    const kept = this.#kept.get(keyOf(bytes));
    return kept !== undefined && Buffer.compare(kept.bytes, bytes) === 0 ? kept.value : undefined;
  }

  /** Keeps a copy of the bytes: they are a piece of what came over the wire. */
  keep(bytes: Uint8Array, value: T): void {
    if (bytes.length > MESSAGE_BYTES_MAX) return;
    if (this.#kept.size >= MESSAGES_MAX || this.#bytes + bytes.length > KEPT_BYTES_MAX) {
      this.#kept.clear();
      this.#bytes = 0;
    }
    this.#kept.set(keyOf(bytes), { bytes: Uint8Array.from(bytes), value });
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
