/** What goes wrong with the next requests of a simulated server. */
export type RequestFault =
  /** The connection is reset instead of an answer. */
  | { readonly kind: 'refuse' }
  /** An error answer of this status, with Retry-After when given. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds?: number }
  /** No answer, ever; the connection stays open. */
  | { readonly kind: 'hang' }
  /** The connection is reset once so many tokens are out; before any header when the answer is not streamed. */
  | { readonly kind: 'reset'; readonly afterTokens: number };

/** The fault in force and how many requests it still meets; at most one is in force at a time. */
export interface FaultGate {
  fault: RequestFault | undefined;
  requestsLeft: number;
}

export function createFaultGate(): FaultGate {
  return { fault: undefined, requestsLeft: 0 };
}

/** Puts a fault in force for `count` requests, for all requests without one. */
export function setFault(gate: FaultGate, fault: RequestFault | undefined, count = Number.POSITIVE_INFINITY): void {
  gate.fault = fault;
  gate.requestsLeft = count;
}

/** The fault that the request before us meets. */
export function takeFault(gate: FaultGate): RequestFault | undefined {
  if (gate.requestsLeft <= 0) return undefined;
  gate.requestsLeft -= 1;
  return gate.fault;
}
