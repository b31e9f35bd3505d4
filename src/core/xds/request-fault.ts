import type { Closing, OpenStream, XdsRequest } from './stream.ts';

/** Types that one stream may ask for: Envoy knows about a dozen. */
const TYPES_MAX = 64;

/** Longest name: Envoy and the compiler stay far below it. */
const NAME_CHARACTERS_MAX = 4_096;

/** Why a request ends its stream, or undefined where it does not. `names` are those that it asks for. */
export function requestFault(stream: OpenStream, request: XdsRequest, names: readonly string[]): Closing | undefined {
  const { service } = stream.channel;
  const { typeUrl } = request;
  if (typeUrl === '') return { code: 'invalid-argument', message: 'type_url is required on this service' };
  if (service !== undefined && typeUrl !== service) {
    return { code: 'invalid-argument', message: `this service carries ${service} only` };
  }
  if (!stream.isIdentified) {
    return { code: 'invalid-argument', message: 'the first request of a stream must carry node.id' };
  }
  if (!stream.types.has(typeUrl) && stream.types.size >= TYPES_MAX) {
    return { code: 'resource-exhausted', message: `more than ${TYPES_MAX} types on one stream` };
  }
  if (names.some((name) => name.length > NAME_CHARACTERS_MAX)) {
    return { code: 'invalid-argument', message: `a resource name is longer than ${NAME_CHARACTERS_MAX} characters` };
  }
  return undefined;
}
