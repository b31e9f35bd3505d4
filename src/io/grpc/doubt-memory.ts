import type { Doubts } from '../../core/xds/stream.ts';

/** Proxies whose open questions are remembered after their stream ended. */
const NODES_MAX = 10_000;

const NONE: Doubts = new Map();

/** What the streams of proxies left open, until the next one takes it up. */
export class DoubtMemory {
  readonly #doubts = new Map<string, Doubts>();

  /** A stream of one type leaves what concerns the others to their streams. */
  take(node: string, service: string | undefined): Doubts {
    const doubts = this.#doubts.get(node) ?? NONE;
    if (service === undefined) {
      this.#doubts.delete(node);
      return doubts;
    }
    const own = doubts.get(service);
    if (own === undefined) return NONE;
    this.#doubts.set(node, new Map([...doubts].filter(([typeUrl]) => typeUrl !== service)));
    return new Map([[service, own]]);
  }

  remember(node: string, doubts: Doubts): void {
    if (doubts.size === 0) return;
    const earlier = this.#doubts.get(node) ?? NONE;
    this.#doubts.delete(node);
    this.#doubts.set(node, new Map([...earlier, ...doubts]));
    const [oldest] = this.#doubts.keys();
    if (this.#doubts.size > NODES_MAX && oldest !== undefined) this.#doubts.delete(oldest);
  }
}
