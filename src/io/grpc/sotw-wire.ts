import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Resource } from '../../core/xds/resource.ts';
import type { Reply, SotwRequest } from '../../core/xds/stream.ts';
import {
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
  ResourceSchema,
  type Resource as WrappedMessage,
} from '../../gen/envoy/service/discovery/v3/discovery_pb.js';
import { ResourceBodies } from './resource-bodies.ts';
import { expiringResource, heartbeatResource } from './resource-forms.ts';

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
  return [bodies[reply.form].bytesOf(reply.typeUrl, reply.resources), toBinary(DiscoveryResponseSchema, tail)];
}

const WRAPPER_TYPE_URL = `type.googleapis.com/${ResourceSchema.typeName}`;

/** Only a resource that expires is wrapped: a client that knows no time limits may know no wrappers. */
const bodies: { readonly [form in Reply['form']]: ResourceBodies } = {
  plain: new ResourceBodies(encodedPlain),
  expiring: new ResourceBodies((typeUrl, resource) =>
    resource.ttlMs === undefined
      ? encodedPlain(typeUrl, resource)
      : encodedWrapped(create(ResourceSchema, expiringResource(typeUrl, resource))),
  ),
  heartbeat: new ResourceBodies((_typeUrl, resource) =>
    encodedWrapped(create(ResourceSchema, heartbeatResource(resource))),
  ),
};

function encodedPlain(typeUrl: string, resource: Resource): Uint8Array {
  return encoded(typeUrl, resource.bytes);
}

function encodedWrapped(wrapped: WrappedMessage): Uint8Array {
  return encoded(WRAPPER_TYPE_URL, toBinary(ResourceSchema, wrapped));
}

function encoded(typeUrl: string, value: Uint8Array): Uint8Array {
  return toBinary(DiscoveryResponseSchema, create(DiscoveryResponseSchema, { resources: [{ typeUrl, value }] }));
}
