import type { OpenStream, Reply, StreamEvent } from '../../core/xds/stream.ts';

/** How one gRPC method carries the protocol. */
export interface XdsVariant {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** The stream on which nothing happened. */
  readonly opening: OpenStream;
  /** Reads a request. Throws on bytes that are none. */
  readonly read: (bytes: Uint8Array) => StreamEvent;
  /** Writes a response, without its frame. `controlPlane` is its `control_plane.identifier`. */
  readonly write: (reply: Reply, controlPlane: string) => Uint8Array;
}
