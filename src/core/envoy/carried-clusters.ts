import { ClusterSchema } from '../../gen/envoy/config/cluster/v3/cluster_pb.js';
import { ClusterLoadAssignmentSchema } from '../../gen/envoy/config/endpoint/v3/endpoint_pb.js';
import { sortedBy } from '../base/text-order.ts';
import { type EnvoyResource, typeUrlOf } from './resource.ts';

/** The clusters that an attempt list can name, by the prefixes of poolCluster and hopCluster. */
const IN_ATTEMPT_LISTS = /^(pool|hop)-/;
const CARRIED_TYPES = [typeUrlOf(ClusterSchema), typeUrlOf(ClusterLoadAssignmentSchema)];

/**
 * `current` and the pool and hop clusters (with their endpoints) that only `previous` had. A request that was decided by
 * the previous revision may still name them, and a cluster that is not there ends a request without a further attempt.
 * Both arguments are results of compileFleet, so a cluster lives one revision longer and not for ever.
 */
export function withCarriedClusters(
  current: readonly EnvoyResource[],
  previous: readonly EnvoyResource[],
): readonly EnvoyResource[] {
  const key = ({ typeUrl, name }: EnvoyResource): string => `${typeUrl} ${name}`;
  const held = new Set(current.map(key));
  const carried = previous.filter(
    (resource) =>
      CARRIED_TYPES.includes(resource.typeUrl) && IN_ATTEMPT_LISTS.test(resource.name) && !held.has(key(resource)),
  );
  return carried.length === 0 ? current : sortedBy([...current, ...carried], key);
}
