import { fromBinary } from '@bufbuild/protobuf';
import type { XdsNode } from '../../core/xds/node.ts';
import type { StreamEvent } from '../../core/xds/stream.ts';
import { NodeSchema } from '../../gen/envoy/config/core/v3/base_pb.js';
import { nodeOf } from './node-wire.ts';
import { RequestCache } from './request-cache.ts';
import { withoutLeadingNode, withoutNode } from './request-node.ts';
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
  const common = new RequestCache<StreamEvent>();
  const others = new RequestCache<StreamEvent>();
  const find = (bytes: Uint8Array) => common.find(bytes) ?? others.find(bytes);
  return (bytes) => {
    const equal = find(bytes);
    if (equal !== undefined) return { event: equal, node: NO_NODE };
    const leading = withoutLeadingNode(bytes, nodeField);
    const found = leading === undefined ? undefined : find(leading.rest);
    if (found !== undefined) return { event: found, node: nodeIn(leading?.node) };
    const { node, rest } = withoutNode(bytes, nodeField);
    const again = node === undefined ? undefined : find(rest);
    if (again !== undefined) return { event: again, node: nodeIn(node) };
    const event = decode(rest);
    if (isCommon(event)) common.keep(rest, event);
    else others.keepRepeated(rest, decode);
    return { event, node: nodeIn(node) };
  };
}

function nodeIn(bytes: Uint8Array | undefined): () => XdsNode | undefined {
  return bytes === undefined ? NO_NODE : () => nodeOf(fromBinary(NodeSchema, bytes));
}
