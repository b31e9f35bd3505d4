import type { AnyJson } from '@bufbuild/protobuf/wkt';
import type {
  ExternalProcessorJson,
  ExtProcOverridesJson,
} from '../../gen/envoy/extensions/filters/http/ext_proc/v3/ext_proc_pb.js';
import {
  ExternalProcessorSchema,
  ExtProcPerRouteSchema,
} from '../../gen/envoy/extensions/filters/http/ext_proc/v3/ext_proc_pb.js';
import type { ProcessingModeJson } from '../../gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.js';
import type { HttpFilterJson } from '../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js';
import { ADAPT_ROLE, INITIAL_METADATA, NAMESPACE } from '../ir/wire-names.ts';
import { askAnotherDecider } from './decider-clusters.ts';
import { EXT_PROC_CLUSTER, FILTER } from './names.ts';
import { extension, packed, seconds } from './resource.ts';

/** A decider that says nothing for this long is treated as down. A decision takes about a millisecond. */
const MESSAGE_TIMEOUT_MS = 2_000;

/** How long the decider may hold a request in its queue, by `override_message_timeout`. */
const MESSAGE_TIMEOUT_MAX_MS = 60_000;

const DECIDE_MODE: ProcessingModeJson = {
  requestHeaderMode: 'SEND',
  requestBodyMode: 'BUFFERED',
  requestTrailerMode: 'SKIP',
  responseHeaderMode: 'SEND',
  responseBodyMode: 'NONE',
  responseTrailerMode: 'SEND',
};

/**
 * The outer filter. Request headers and body come to us, of the answer its headers and trailers (which carry usage);
 * the reply to the response headers may ask for the answer's body.
 */
export function decideFilter(): HttpFilterJson {
  return extension(FILTER.decide, ExternalProcessorSchema, {
    ...toDecider(),
    maxMessageTimeout: seconds(MESSAGE_TIMEOUT_MAX_MS),
    // Failing closed is the work of the pre-decision route; here `true` keeps running answers alive.
    failureModeAllow: true,
    // Where it may not: a decider that is gone is no mistake of the request, and trying again helps.
    statusOnError: { code: 'ServiceUnavailable' },
    allowModeOverride: true,
    // What is no HTTP never gets a route: its 400 must not wait for us, for Envoy closes the connection meanwhile.
    processingMode: { ...DECIDE_MODE, responseHeaderMode: 'SKIP' },
    // For x-envoy-max-retries and the time-out per try, which each decision sets.
    mutationRules: { allowEnvoy: true },
    metadataOptions: {
      receivingNamespaces: { untyped: [NAMESPACE.groups, NAMESPACE.hosts, NAMESPACE.hop, NAMESPACE.reply] },
      forwardingNamespaces: { typed: [NAMESPACE.usage] },
    },
    responseAttributes: ['upstream.address', 'upstream.request_attempt_count', 'response.code_details'],
  });
}

/** The inner filter, off but for attempts that need another body. An unadapted body must not leave: it fails closed. */
export function adaptFilter(): HttpFilterJson {
  const filter = extension(FILTER.adapt, ExternalProcessorSchema, {
    ...toDecider(),
    failureModeAllow: false,
    statusOnError: { code: 'ServiceUnavailable' },
    processingMode: {
      requestHeaderMode: 'SEND',
      requestBodyMode: 'BUFFERED',
      requestTrailerMode: 'SKIP',
      responseHeaderMode: 'SKIP',
      responseBodyMode: 'NONE',
      responseTrailerMode: 'SKIP',
    },
  });
  return { ...filter, disabled: true };
}

/**
 * On a pre-decision route: by which revision to decide, for which fleet (its `node.cluster`), and whether a decider that
 * fails takes the request with it.
 */
export function decideOnRoute(revision: string, fleet: string, failClosed: boolean): Record<string, AnyJson> {
  return onRoute(FILTER.decide, {
    processingMode: DECIDE_MODE,
    grpcInitialMetadata: [
      { key: INITIAL_METADATA.revision, value: revision },
      { key: INITIAL_METADATA.fleet, value: fleet },
    ],
    ...(failClosed ? { failureModeAllow: false } : {}),
  });
}

/** On the adapting route of a provider: switches the inner filter on. */
export function adaptOnRoute(revision: string): Record<string, AnyJson> {
  return onRoute(FILTER.adapt, {
    grpcInitialMetadata: [
      { key: INITIAL_METADATA.role, value: ADAPT_ROLE },
      { key: INITIAL_METADATA.revision, value: revision },
    ],
  });
}

function onRoute(filter: string, overrides: ExtProcOverridesJson): Record<string, AnyJson> {
  return { [filter]: packed(ExtProcPerRouteSchema, { overrides }) };
}

function toDecider(): ExternalProcessorJson {
  return {
    // A stream lives as long as its request; the messages have their own time-out.
    grpcService: {
      envoyGrpc: { clusterName: EXT_PROC_CLUSTER },
      timeout: '0s',
      retryPolicy: askAnotherDecider(),
    },
    messageTimeout: seconds(MESSAGE_TIMEOUT_MS),
  };
}
