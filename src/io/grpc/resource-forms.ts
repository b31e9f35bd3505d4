import type { MessageInitShape } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import type { Resource } from '../../core/xds/resource.ts';
import type { ResourceSchema } from '../../gen/envoy/service/discovery/v3/discovery_pb.js';

/** A resource with its name and version around it. */
type WrappedResource = MessageInitShape<typeof ResourceSchema>;

export function plainResource(typeUrl: string, { name, version, bytes: value }: Resource): WrappedResource {
  return { name, version, resource: { typeUrl, value } };
}

/** With the time after which its client drops it, where it has one. */
export function expiringResource(typeUrl: string, resource: Resource): WrappedResource {
  const { ttlMs } = resource;
  return { ...plainResource(typeUrl, resource), ...(ttlMs === undefined ? {} : { ttl: durationFromMs(ttlMs) }) };
}

/** Without its content: the client goes on with what it has. */
export function heartbeatResource({ name, version, ttlMs = 0 }: Resource): WrappedResource {
  return { name, version, ttl: durationFromMs(ttlMs) };
}
