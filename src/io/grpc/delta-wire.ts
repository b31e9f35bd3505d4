import { create, toBinary } from '@bufbuild/protobuf';
import type { Reply } from '../../core/xds/stream.ts';
import { DeltaDiscoveryResponseSchema } from '../../gen/envoy/service/discovery/v3/discovery_pb.js';
import { ResourceBodies } from './resource-bodies.ts';
import { expiringResource, heartbeatResource, plainResource } from './resource-forms.ts';

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
