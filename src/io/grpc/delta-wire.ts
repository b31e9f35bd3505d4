import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Resource } from '../../core/xds/resource.ts';
import type { DeltaRequest, Reply } from '../../core/xds/stream.ts';
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
} from '../../gen/envoy/service/discovery/v3/discovery_pb.js';
import { nodeOf } from './node-wire.ts';

/** Reads a DeltaDiscoveryRequest. Throws on bytes that are none. */
export function decodeDeltaRequest(bytes: Uint8Array): DeltaRequest {
  const message = fromBinary(DeltaDiscoveryRequestSchema, bytes, { readUnknownFields: false });
  return {
    typeUrl: message.typeUrl,
    nonce: message.responseNonce,
    ...(message.node === undefined ? {} : { node: nodeOf(message.node) }),
    ...(message.errorDetail === undefined ? {} : { error: message.errorDetail.message }),
    subscribe: message.resourceNamesSubscribe,
    unsubscribe: message.resourceNamesUnsubscribe,
    initialVersions: new Map(Object.entries(message.initialResourceVersions)),
  };
}

/**
 * Writes a DeltaDiscoveryResponse. Each resource is encoded once, whatever the number of streams: fields of a protobuf
 * message may be put together in any order, so a response is its resources' bytes and a short tail.
 */
export function encodeReply(reply: Reply, controlPlane: string): Uint8Array {
  const parts = reply.resources.map((resource) => encodedResource(reply.typeUrl, resource));
  const tail = create(DeltaDiscoveryResponseSchema, {
    systemVersionInfo: reply.systemVersion,
    typeUrl: reply.typeUrl,
    nonce: reply.nonce,
    removedResources: [...reply.removed],
    controlPlane: { identifier: controlPlane },
  });
  return Buffer.concat([...parts, toBinary(DeltaDiscoveryResponseSchema, tail)]);
}

const encodedResources = new WeakMap<Resource, Uint8Array>();

function encodedResource(typeUrl: string, resource: Resource): Uint8Array {
  const known = encodedResources.get(resource);
  if (known !== undefined) return known;
  const { name, version, bytes: value } = resource;
  const message = create(DeltaDiscoveryResponseSchema, {
    resources: [{ name, version, resource: { typeUrl, value } }],
  });
  const bytes = toBinary(DeltaDiscoveryResponseSchema, message);
  encodedResources.set(resource, bytes);
  return bytes;
}
