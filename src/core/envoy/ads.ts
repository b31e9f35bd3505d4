import type { ConfigSourceJson } from '../../gen/envoy/config/core/v3/config_source_pb.js';
import { seconds } from './resource.ts';

/**
 * How long a resource waits for another one that it names before it goes live without it. Below the order gate of the
 * xDS machine, above any push; while a cluster waits, Envoy holds back all its acknowledgements of clusters.
 */
const INITIAL_FETCH_TIMEOUT_MS = 3_000;

/** "Over the stream on which this resource came." */
export const OVER_ADS: ConfigSourceJson = {
  ads: {},
  resourceApiVersion: 'V3',
  initialFetchTimeout: seconds(INITIAL_FETCH_TIMEOUT_MS),
};
