import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DeltaRequest, Reply } from '../../core/xds/stream.ts';
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
} from '../../gen/envoy/service/discovery/v3/discovery_pb.js';
import { ResourceBodies } from './resource-bodies.ts';
import { expiringResource, heartbeatResource, plainResource } from './resource-forms.ts';

/** Reads a DeltaDiscoveryRequest but for its node. Throws on bytes that are none. */
export function decodeDeltaRequest(bytes: Uint8Array): DeltaRequest {
  const message = fromBinary(DeltaDiscoveryRequestSchema, bytes, { readUnknownFields: false });
  return {
    typeUrl: message.typeUrl,
    nonce: message.responseNonce,
    ...(message.errorDetail === undefined ? {} : { error: message.errorDetail.message }),
    subscribe: message.resourceNamesSubscribe,
    unsubscribe: message.resourceNamesUnsubscribe,
    initialVersions: new Map(Object.entries(message.initialResourceVersions)),
  };
}

/** Writes a DeltaDiscoveryResponse, in pieces. */
export function encodeReply(reply: Reply, controlPlane: string): readonly Uint8Array[] {
  const tail = create(DeltaDiscoveryResponseSchema, {
    systemVersionInfo: reply.systemVersion,
    typeUrl: reply.typeUrl,
    nonce: reply.nonce,
    removedResources: [...reply.removed],
    controlPlane: { identifier: controlPlane },
  });
  return [bodies[reply.form].bytesOf(reply.typeUrl, reply.resources), toBinary(DeltaDiscoveryResponseSchema, tail)];
}

const bodies: { readonly [form in Reply['form']]: ResourceBodies } = {
  plain: new ResourceBodies((typeUrl, resource) => encodedResource(plainResource(typeUrl, resource))),
  expiring: new ResourceBodies((typeUrl, resource) => encodedResource(expiringResource(typeUrl, resource))),
  heartbeat: new ResourceBodies((_typeUrl, resource) => encodedResource(heartbeatResource(resource))),
};

function encodedResource(resource: ReturnType<typeof plainResource>): Uint8Array {
  return toBinary(DeltaDiscoveryResponseSchema, create(DeltaDiscoveryResponseSchema, { resources: [resource] }));
}
