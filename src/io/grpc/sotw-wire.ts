import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Resource } from '../../core/xds/resource.ts';
import type { Reply, SotwRequest } from '../../core/xds/stream.ts';
import { DiscoveryRequestSchema, DiscoveryResponseSchema } from '../../gen/envoy/service/discovery/v3/discovery_pb.js';
import { nodeOf } from './node-wire.ts';

/** Reads a DiscoveryRequest. Throws on bytes that are none. */
export function decodeSotwRequest(bytes: Uint8Array): SotwRequest {
  const message = fromBinary(DiscoveryRequestSchema, bytes, { readUnknownFields: false });
  return {
    typeUrl: message.typeUrl,
    nonce: message.responseNonce,
    ...(message.node === undefined ? {} : { node: nodeOf(message.node) }),
    ...(message.errorDetail === undefined ? {} : { error: message.errorDetail.message }),
    names: message.resourceNames,
    version: message.versionInfo,
  };
}

/** Writes a DiscoveryResponse: each resource is encoded once, whatever the number of streams. */
export function encodeSotwReply(reply: Reply, controlPlane: string): Uint8Array {
  const parts = reply.resources.map((resource) => encodedResource(reply.typeUrl, resource));
  const tail = create(DiscoveryResponseSchema, {
    versionInfo: reply.systemVersion,
    typeUrl: reply.typeUrl,
    nonce: reply.nonce,
    controlPlane: { identifier: controlPlane },
  });
  return Buffer.concat([...parts, toBinary(DiscoveryResponseSchema, tail)]);
}

const encodedResources = new WeakMap<Resource, Uint8Array>();

function encodedResource(typeUrl: string, resource: Resource): Uint8Array {
  const known = encodedResources.get(resource);
  if (known !== undefined) return known;
  const message = create(DiscoveryResponseSchema, { resources: [{ typeUrl, value: resource.bytes }] });
  const bytes = toBinary(DiscoveryResponseSchema, message);
  encodedResources.set(resource, bytes);
  return bytes;
}
