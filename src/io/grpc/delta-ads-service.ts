import type { handleBidiStreamingCall, ServiceDefinition } from '@grpc/grpc-js';

/** Messages pass as bytes: what is no request ends the call with a status of ours, and replies are encoded once. */
const asBytes = (message: Uint8Array): Buffer => Buffer.from(message.buffer, message.byteOffset, message.byteLength);
const asGiven = (bytes: Buffer): Buffer => bytes;

/** The delta variant of the aggregated discovery service. */
export const DELTA_ADS_SERVICE = {
  deltaAggregatedResources: {
    path: '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources',
    requestStream: true,
    responseStream: true,
    requestSerialize: asBytes,
    requestDeserialize: asGiven,
    responseSerialize: asBytes,
    responseDeserialize: asGiven,
  },
} satisfies ServiceDefinition;

export interface DeltaAdsHandlers {
  readonly deltaAggregatedResources: handleBidiStreamingCall<Buffer, Uint8Array>;
  // grpc-js asks for an index signature.
  readonly [name: string]: handleBidiStreamingCall<Buffer, Uint8Array>;
}
