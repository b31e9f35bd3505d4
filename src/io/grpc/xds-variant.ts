import type { XdsNode } from '../../core/xds/node.ts';
import type { OpenStream, Reply, StreamEvent } from '../../core/xds/stream.ts';

/** A request as the machine takes it, and the node that it tells of. Equal requests are the same event. */
export interface ReadRequest {
  readonly event: StreamEvent;
  readonly node: () => XdsNode | undefined;
}

/** How one gRPC method carries the protocol. */
export interface XdsVariant {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** The stream on which nothing happened. */
  readonly opening: OpenStream;
  /** Reads a request. Throws on bytes that are none; `node` does so on its own. */
  readonly read: (bytes: Uint8Array) => ReadRequest;
  /** Writes a response, in pieces and without its frame. `controlPlane` is its `control_plane.identifier`. */
  readonly write: (reply: Reply, controlPlane: string) => readonly Uint8Array[];
}
