import type { AccessLogJson } from '../../gen/envoy/config/accesslog/v3/accesslog_pb.js';
import { StdoutAccessLogSchema } from '../../gen/envoy/extensions/access_loggers/stream/v3/stream_pb.js';
import { NAMESPACE } from '../ir/wire-names.ts';
import { FILTER } from './names.ts';
import { extension } from './resource.ts';

/** One line of JSON per request on standard output: what Envoy did with it. Paths and header values are not in it. */
export function edgeAccessLog(): AccessLogJson {
  return extension('envoy.access_loggers.stdout', StdoutAccessLogSchema, {
    logFormat: {
      jsonFormat: {
        time: '%START_TIME%',
        request: '%STREAM_ID%',
        decision: `%DYNAMIC_METADATA(${NAMESPACE.hop}:id)%`,
        status: '%RESPONSE_CODE%',
        flags: '%RESPONSE_FLAGS%',
        details: '%RESPONSE_CODE_DETAILS%',
        route: '%ROUTE_NAME%',
        upstream_cluster: '%UPSTREAM_CLUSTER%',
        upstream_host: '%UPSTREAM_HOST%',
        attempts: '%UPSTREAM_REQUEST_ATTEMPT_COUNT%',
        duration_ms: '%DURATION%',
        request_bytes: '%BYTES_RECEIVED%',
        response_bytes: '%BYTES_SENT%',
        ext_proc: `%FILTER_STATE(${FILTER.decide}:PLAIN)%`,
      },
    },
  });
}
