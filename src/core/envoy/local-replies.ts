import type { ResponseMapperJson } from '../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js';
import { NAMESPACE } from '../ir/wire-names.ts';

interface ErrorText {
  readonly message: string;
  readonly code: string;
}

/** Answers that Envoy writes by itself for clients, in the error shape of the OpenAI API. First match wins. */
export const EDGE_LOCAL_REPLIES: ResponseMapperJson[] = [
  decidedReply(),
  noDecision({ message: 'The gateway could not decide this request. Try again.', code: 'no_decision' }),
  // Envoy's own texts name addresses, TLS errors and transport failures.
  onStatus('EQ', 504, { message: 'The answer did not come in time.', code: 'timeout' }),
  onStatus('GE', 500, { message: 'The gateway could not get an answer to this request.', code: 'no_answer' }),
  onStatus('GE', 400, { message: '%LOCAL_REPLY_BODY%', code: '%RESPONSE_CODE_DETAILS%' }),
];

/**
 * Answers of the inner side: the outer one retries them, and the last becomes the client's. Theirs would name the inner
 * ext_proc and its transport errors, so 5xx has a text of our own.
 */
export const PROVIDER_LOCAL_REPLIES: ResponseMapperJson[] = [
  onStatus('GE', 500, { message: 'The gateway could not reach the provider.', code: 'provider_unreachable' }),
  onStatus('GE', 400, { message: '%LOCAL_REPLY_BODY%', code: '%RESPONSE_CODE_DETAILS%' }),
];

/** An immediate response of the decider is a local reply too, and its body is final. */
function decidedReply(): ResponseMapperJson {
  return {
    filter: {
      metadataFilter: {
        matcher: { filter: NAMESPACE.reply, path: [{ key: 'ready' }], value: { boolMatch: true } },
        matchIfKeyNotFound: false,
      },
    },
    bodyFormatOverride: { contentType: 'application/json', textFormatSource: { inlineString: '%LOCAL_REPLY_BODY%' } },
  };
}

/** NC: the request stayed on the pre-decision route, or its attempt list names a cluster that this proxy lacks. */
function noDecision(text: ErrorText): ResponseMapperJson {
  return { filter: { responseFlagFilter: { flags: ['NC'] } }, bodyFormatOverride: jsonError(text) };
}

function onStatus(op: 'EQ' | 'GE', status: number, text: ErrorText): ResponseMapperJson {
  const value = { defaultValue: status, runtimeKey: `headgate.local_reply_${status}` };
  return { filter: { statusCodeFilter: { comparison: { op, value } } }, bodyFormatOverride: jsonError(text) };
}

function jsonError(text: ErrorText): NonNullable<ResponseMapperJson['bodyFormatOverride']> {
  return {
    contentType: 'application/json',
    jsonFormat: { error: { message: text.message, type: 'gateway_error', param: null, code: text.code } },
  };
}
