import { NEW_STREAM } from '../../core/xds/stream.ts';
import { decodeDeltaRequest, encodeReply } from './delta-wire.ts';
import type { XdsVariant } from './xds-variant.ts';

/** The delta variant of the aggregated discovery service. */
export const DELTA_ADS: XdsVariant = {
  path: '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources',
  opening: NEW_STREAM,
  read: (bytes) => ({ kind: 'request', request: decodeDeltaRequest(bytes) }),
  write: encodeReply,
};
