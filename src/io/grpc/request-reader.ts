import { fromBinary } from '@bufbuild/protobuf';
import type { StreamEvent } from '../../core/xds/stream.ts';
import { NodeSchema } from '../../gen/envoy/config/core/v3/base_pb.js';
import { nodeOf } from './node-wire.ts';
import { RequestCache } from './request-cache.ts';
import { withoutNode } from './request-node.ts';
import type { XdsVariant } from './xds-variant.ts';

export interface RequestDecoding {
  /** The number of the request's field `node`. */
  readonly nodeField: number;
  /** Reads a request without its node. Throws on bytes that are none. */
  readonly decode: (bytes: Uint8Array) => StreamEvent;
  /** Whether other proxies are likely to send the same. */
  readonly isCommon: (event: StreamEvent) => boolean;
}

const NO_NODE = () => undefined;

/** Reads requests of one variant, equal ones once. */
export function requestReader({ nodeField, decode, isCommon }: RequestDecoding): XdsVariant['read'] {
  const cache = new RequestCache<StreamEvent>();
  return (bytes) => {
    const equal = cache.find(bytes);
    if (equal !== undefined) return { event: equal, node: NO_NODE };
    const { node, rest } = withoutNode(bytes, nodeField);
    const known = node === undefined ? undefined : cache.find(rest);
    const event = known ?? decode(rest);
    if (known === undefined && isCommon(event)) cache.keep(rest, event);
    return { event, node: node === undefined ? NO_NODE : () => nodeOf(fromBinary(NodeSchema, node)) };
  };
}
