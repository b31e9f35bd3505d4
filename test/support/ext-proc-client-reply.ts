import {
  type CommonResponse,
  CommonResponse_ResponseStatus,
  type ImmediateResponse,
  type ProcessingResponse,
} from '../../src/gen/envoy/service/ext_proc/v3/external_processor_pb.js';
import type { FilterConfig, Phase } from './ext-proc-client-filter.ts';
import { type Headers, mutatedHeaders } from './ext-proc-client-headers.ts';
import { refuse } from './ext-proc-client-refusal.ts';

/** The server answered in place of the upstream. */
export class Immediate extends Error {
  readonly reply: ImmediateResponse;

  constructor(reply: ImmediateResponse) {
    super('immediate');
    this.reply = reply;
  }
}

const REPLY_CASES: { readonly [phase in Phase]: ProcessingResponse['response']['case'] } = {
  'request-headers': 'requestHeaders',
  'request-body': 'requestBody',
  'response-headers': 'responseHeaders',
  'response-body': 'responseBody',
  'response-trailers': 'responseTrailers',
};

/** What a reply says, which must be of the kind that `phase` waits for. Throws Immediate for one that ends the request. */
export function commonOf(reply: ProcessingResponse, phase: Phase): CommonResponse | undefined {
  const { response } = reply;
  if (response.case === 'immediateResponse') {
    const code = response.value.status?.code ?? 0;
    if (code < 200 || code > 599) refuse('status', String(code));
    throw new Immediate(response.value);
  }
  if (response.case !== REPLY_CASES[phase]) refuse('wrong-kind', `${response.case} for ${phase}`);
  const { case: kind, value } = response;
  if (kind === undefined || kind === 'streamedImmediateResponse' || !('response' in value)) return undefined;
  const common = value.response;
  if (common?.status === CommonResponse_ResponseStatus.CONTINUE_AND_REPLACE) refuse('unsupported-field', 'status');
  if (common?.trailers) refuse('unsupported-field', 'trailers');
  return common;
}

/** The answer's headers after a reply. */
export function responseHeaders(headers: Headers, common: CommonResponse | undefined, filter: FilterConfig): Headers {
  if (common?.clearRouteCache) refuse('clear-route-cache-on-response');
  return mutatedHeaders(headers, common?.headerMutation, filter.mayChangeEnvoyHeaders);
}

/** A whole body after a reply to it. */
export function editedBody(body: Uint8Array, common: CommonResponse | undefined): Uint8Array {
  const mutation = common?.bodyMutation?.mutation;
  if (mutation?.case === 'streamedResponse') refuse('streamed-outside-full-duplex');
  if (mutation?.case === 'clearBody') return new Uint8Array(0);
  return mutation?.case === 'body' ? mutation.value : body;
}

/** Envoy's own bound of a streamed chunk. */
const CHUNK_BYTES_MAX = 64 * 1024;

/** The bytes of one streamed chunk. */
export function streamedChunk(common: CommonResponse | undefined): { body: Uint8Array; endOfStream: boolean } {
  const mutation = common?.bodyMutation?.mutation;
  if (mutation?.case !== 'streamedResponse') return refuse('whole-body-in-full-duplex', String(mutation?.case));
  if (common?.headerMutation) refuse('unsupported-field', 'header mutation in a streamed chunk');
  if (mutation.value.body.length >= CHUNK_BYTES_MAX) refuse('chunk-too-large', `${mutation.value.body.length} bytes`);
  return mutation.value;
}
