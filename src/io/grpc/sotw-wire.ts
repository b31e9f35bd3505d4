import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Resource } from '../../core/xds/resource.ts';
import type { Reply, SotwRequest } from '../../core/xds/stream.ts';
import { DiscoveryRequestSchema, DiscoveryResponseSchema } from '../../gen/envoy/service/discovery/v3/discovery_pb.js';
import { ResourceBodies } from './resource-bodies.ts';

/** Reads a DiscoveryRequest but for its node. Throws on bytes that are none. */
export function decodeSotwRequest(bytes: Uint8Array): SotwRequest {
  const message = fromBinary(DiscoveryRequestSchema, bytes, { readUnknownFields: false });
  return {
    typeUrl: message.typeUrl,
    nonce: message.responseNonce,
    ...(message.errorDetail === undefined ? {} : { error: message.errorDetail.message }),
    names: message.resourceNames,
    version: message.versionInfo,
  };
}

/** Writes a DiscoveryResponse, in pieces. */
export function encodeSotwReply(reply: Reply, controlPlane: string): readonly Uint8Array[] {
  const tail = create(DiscoveryResponseSchema, {
    versionInfo: reply.systemVersion,
    typeUrl: reply.typeUrl,
    nonce: reply.nonce,
    controlPlane: { identifier: controlPlane },
  });
  return [bodies.bytesOf(reply.typeUrl, reply.resources), toBinary(DiscoveryResponseSchema, tail)];
}

const bodies = new ResourceBodies(encodedResource);

function encodedResource(typeUrl: string, resource: Resource): Uint8Array {
  const message = create(DiscoveryResponseSchema, { resources: [{ typeUrl, value: resource.bytes }] });
  return toBinary(DiscoveryResponseSchema, message);
}
