import { TYPE_URL } from '../../core/xds/type-url.ts';

/** A stream of a separate service, as far as its proxy is told by it. */
export interface SeparateStream {
  /** The type that it carries; undefined on an aggregated stream, which is a proxy by itself. */
  readonly service: string | undefined;
  fullyAcknowledged: string | undefined;
}

interface Node<S> {
  readonly streams: Set<S>;
  agreed: string | undefined;
}

/** What every proxy has that serves at all: before these are there, nothing is acknowledged as a whole. */
const NEEDED: readonly string[] = [TYPE_URL.cluster, TYPE_URL.listener];

/**
 * Proxies that use the separate services have a stream for each type, and for endpoints and routes even more. By their
 * node id the streams count as one proxy: it has acknowledged a revision when each of them has.
 */
export class SeparateStreams<S extends SeparateStream> {
  readonly #nodes = new Map<string, Node<S>>();

  add(node: string, stream: S): void {
    if (stream.service === undefined) return;
    const known = this.#nodes.get(node);
    if (known === undefined) this.#nodes.set(node, { streams: new Set([stream]), agreed: undefined });
    else known.streams.add(stream);
  }

  delete(node: string, stream: S): void {
    const known = this.#nodes.get(node);
    if (known?.streams.delete(stream) === true && known.streams.size === 0) this.#nodes.delete(node);
  }

  /** Notes that a stream acknowledged a revision; true when with it the whole proxy has. */
  acknowledge(node: string, stream: S, revision: string): boolean {
    stream.fullyAcknowledged = revision;
    const known = this.#nodes.get(node);
    if (stream.service === undefined || known === undefined) return true;
    const streams = [...known.streams];
    const isWhole = NEEDED.every((service) => streams.some((each) => each.service === service));
    if (!isWhole || known.agreed === revision) return false;
    if (streams.some((each) => each.fullyAcknowledged !== revision)) return false;
    known.agreed = revision;
    return true;
  }

  /** The last revision that the whole proxy acknowledged. */
  agreed(node: string, stream: S): string | undefined {
    return stream.service === undefined ? stream.fullyAcknowledged : this.#nodes.get(node)?.agreed;
  }

  /** The streams that are shown as one proxy; empty for all of them but the first. */
  shownBy(node: string, stream: S): readonly S[] {
    if (stream.service === undefined) return [stream];
    const streams = [...(this.#nodes.get(node)?.streams ?? [])];
    return streams[0] === stream ? streams : [];
  }
}
