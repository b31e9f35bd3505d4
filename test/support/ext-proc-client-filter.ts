import type { BodySendMode, HeaderSendMode } from '../../src/core/exchange/messages.ts';
import {
  type ProcessingMode,
  ProcessingMode_BodySendMode,
  ProcessingMode_HeaderSendMode,
} from '../../src/gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.js';
import type { ProcessingResponse } from '../../src/gen/envoy/service/ext_proc/v3/external_processor_pb.js';
import { refuse } from './ext-proc-client-refusal.ts';

export interface Modes {
  readonly requestHeaders: HeaderSendMode;
  readonly requestBody: BodySendMode;
  readonly responseHeaders: HeaderSendMode;
  readonly responseBody: BodySendMode;
  readonly responseTrailers: HeaderSendMode;
}

/** What the generated configuration says about one ext_proc filter. */
export interface FilterConfig {
  readonly modes: Modes;
  readonly allowModeOverride: boolean;
  readonly mayChangeEnvoyHeaders: boolean;
  readonly receivingNamespaces: readonly string[];
}

export const OUTER_FILTER: FilterConfig = {
  modes: {
    requestHeaders: 'SEND',
    requestBody: 'BUFFERED',
    responseHeaders: 'SEND',
    responseBody: 'NONE',
    responseTrailers: 'SEND',
  },
  allowModeOverride: true,
  mayChangeEnvoyHeaders: true,
  receivingNamespaces: ['headgate.groups', 'headgate.lb', 'headgate.hop', 'headgate.reply'],
};

export const ADAPT_FILTER: FilterConfig = {
  modes: {
    requestHeaders: 'SEND',
    requestBody: 'BUFFERED',
    responseHeaders: 'SKIP',
    responseBody: 'NONE',
    responseTrailers: 'SKIP',
  },
  allowModeOverride: false,
  mayChangeEnvoyHeaders: false,
  receivingNamespaces: [],
};

export type Phase = 'request-headers' | 'request-body' | 'response-headers' | 'response-body' | 'response-trailers';

/** The modes after a reply; an override where Envoy would not obey it is refused. */
export function overriddenModes(modes: Modes, filter: FilterConfig, phase: Phase, reply: ProcessingResponse): Modes {
  const override = reply.modeOverride;
  if (override === undefined) return modes;
  if (!filter.allowModeOverride) refuse('mode-override-not-allowed');
  if (phase !== 'request-headers' && phase !== 'response-headers') refuse('mode-override-not-here', phase);
  if (modes.requestBody === 'FULL_DUPLEX_STREAMED') refuse('mode-override-not-here', 'request FULL_DUPLEX');
  checkComplete(override);
  const overridden: Modes = {
    requestHeaders: headerMode(override.requestHeaderMode),
    requestBody: bodyMode(override.requestBodyMode),
    responseHeaders: headerMode(override.responseHeaderMode),
    responseBody: bodyMode(override.responseBodyMode),
    responseTrailers: headerMode(override.responseTrailerMode),
  };
  if (overridden.responseBody === 'FULL_DUPLEX_STREAMED' && overridden.responseTrailers !== 'SEND') {
    refuse('mode-override-incomplete', 'FULL_DUPLEX without trailers');
  }
  return overridden;
}

/** A body mode left out cannot be told from NONE; a header mode can. */
function checkComplete(override: ProcessingMode): void {
  const headerModes = [
    override.requestHeaderMode,
    override.requestTrailerMode,
    override.responseHeaderMode,
    override.responseTrailerMode,
  ];
  if (headerModes.includes(ProcessingMode_HeaderSendMode.DEFAULT)) refuse('mode-override-incomplete');
}

function headerMode(mode: ProcessingMode_HeaderSendMode): HeaderSendMode {
  return ProcessingMode_HeaderSendMode[mode] as HeaderSendMode;
}

function bodyMode(mode: ProcessingMode_BodySendMode): BodySendMode {
  return ProcessingMode_BodySendMode[mode] as BodySendMode;
}
