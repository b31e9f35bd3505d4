import { firstRequest, laterRequest, type Subscribed } from './request.ts';
import type { TypeSnapshot } from './snapshot.ts';
import { asOnePending, firstSotwRequest, isStale, laterSotwRequest } from './sotw-request.ts';
import type { DeltaRequest, SotwRequest, XdsRequest } from './stream.ts';
import type { TypeState } from './type-state.ts';

/** A request of either variant, in the terms of both: the names that it carries, and what it does to its type. */
export interface RequestReading {
  readonly request: XdsRequest;
  readonly names: readonly string[];
  /** Whether the client kept something of the type from an earlier stream. */
  readonly resumes: boolean;
  /** Whether the client kept something of this name. */
  readonly isListed: (name: string) => boolean;
  /** Whether the whole request is to be ignored. */
  isStale(state: TypeState): boolean;
  /** The state with the responses that the request may answer. */
  answerable(state: TypeState): TypeState;
  first(typeUrl: string, type: TypeSnapshot): Subscribed;
  later(typeUrl: string, state: TypeState, type: TypeSnapshot): Subscribed;
}

export function deltaReading(request: DeltaRequest): RequestReading {
  return {
    request,
    names: request.subscribe,
    resumes: request.initialVersions.size > 0,
    isListed: (name) => request.initialVersions.has(name),
    isStale: () => false,
    answerable: (state) => state,
    first: (typeUrl, type) => firstRequest({ ...request, typeUrl }, type),
    later: (typeUrl, state, type) => laterRequest(state, { ...request, typeUrl }, type),
  };
}

export function sotwReading(request: SotwRequest): RequestReading {
  return {
    request,
    names: request.names,
    resumes: request.version !== '',
    isListed: () => false,
    isStale: (state) => isStale(state, request),
    answerable: asOnePending,
    first: (typeUrl) => firstSotwRequest({ ...request, typeUrl }),
    later: (typeUrl, state, type) => laterSotwRequest(state, { ...request, typeUrl }, type),
  };
}
