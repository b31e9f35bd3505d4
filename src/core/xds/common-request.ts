import { allCurrent, compareKept } from './kept-versions.ts';
import { NO_RESOURCES, type TypeSnapshot } from './snapshot.ts';
import type { DeltaRequest, OpenStream, StreamEvent } from './stream.ts';

/** Of one type: first requests of clients that kept everything, by what else they say. */
const requests = new WeakMap<TypeSnapshot, DeltaRequest[]>();

/** What the proxies of a fleet ask for by name in one type: mostly the same. */
const REQUESTS_MAX = 4;

/**
 * The event that stands for a client's first request of a type, where it kept all resources of the type as they stand: the
 * same object for all that ask so. Undefined where the client kept something else, and so is a case of its own.
 */
export function commonRequest(stream: OpenStream, request: DeltaRequest): StreamEvent | undefined {
  const type = stream.snapshot?.types.get(request.typeUrl) ?? NO_RESOURCES;
  const known = looked.get(request);
  if (known?.type === type) return known.event;
  const event = lookUp(type, request);
  looked.set(request, { type, event });
  return event;
}

/** What was found for a request: the same object where equal bytes came again. */
const looked = new WeakMap<DeltaRequest, { readonly type: TypeSnapshot; readonly event: StreamEvent | undefined }>();

function lookUp(type: TypeSnapshot, request: DeltaRequest): StreamEvent | undefined {
  if (type.present === 0 || request.initialVersions.size !== type.present) return undefined;
  if (compareKept(request.initialVersions, type).current !== type.present) return undefined;
  const known = requests.get(type) ?? [];
  requests.set(type, known);
  const equal = known.find((each) => isEqual(each, request));
  if (equal !== undefined) return eventOf(equal);
  const common: DeltaRequest = { ...request, initialVersions: allCurrent(type) };
  if (known.length < REQUESTS_MAX) known.push(common);
  return eventOf(common);
}

const events = new WeakMap<DeltaRequest, StreamEvent>();

function eventOf(request: DeltaRequest): StreamEvent {
  const known = events.get(request);
  if (known !== undefined) return known;
  const event: StreamEvent = { kind: 'request', request };
  events.set(request, event);
  return event;
}

function isEqual(left: DeltaRequest, right: DeltaRequest): boolean {
  return (
    left.nonce === right.nonce &&
    left.error === right.error &&
    isSameList(left.subscribe, right.subscribe) &&
    isSameList(left.unsubscribe, right.unsubscribe)
  );
}

function isSameList(left: readonly string[], right: readonly string[]): boolean {
  return left === right || (left.length === right.length && left.every((name, index) => name === right[index]));
}
