import { assert } from '../base/assert.ts';

/**
 * Why a request gets no upstream. The list is closed: each reason has one HTTP status and one OpenAI error type, and a
 * client can rely on the code. The decider itself failing is not among them: Envoy answers that (fail closed, 503).
 */
const REFUSALS = {
  'invalid-json': { status: 400, type: 'invalid_request_error' },
  'invalid-request': { status: 400, type: 'invalid_request_error' },
  'context-exceeded': { status: 400, type: 'invalid_request_error' },
  'missing-key': { status: 401, type: 'authentication_error' },
  'invalid-key': { status: 401, type: 'authentication_error' },
  'expired-key': { status: 401, type: 'authentication_error' },
  'policy-denied': { status: 403, type: 'policy_denied' },
  'policy-failed': { status: 403, type: 'policy_denied' },
  'model-not-allowed': { status: 403, type: 'permission_error' },
  'no-route': { status: 403, type: 'permission_error' },
  'not-found': { status: 404, type: 'invalid_request_error' },
  'unknown-model': { status: 404, type: 'invalid_request_error' },
  'body-too-large': { status: 413, type: 'invalid_request_error' },
  'unsupported-encoding': { status: 415, type: 'invalid_request_error' },
  'upstream-refused': { status: 502, type: 'gateway_error' },
  'no-candidate': { status: 503, type: 'gateway_error' },
  'unknown-revision': { status: 503, type: 'gateway_error' },
} as const;

export type RefusalReason = keyof typeof REFUSALS;

/** An answer of our own instead of an upstream's. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly status: number;
  readonly type: string;
  /** What the client sees as `error.code`: the reason, or a policy's own code. */
  readonly code: string;
  readonly message: string;
}

export function refuse(reason: RefusalReason, message: string, code: string = reason): Refusal {
  assert(message !== '', 'a refusal says why');
  return { reason, ...REFUSALS[reason], code, message };
}

/** The error body of the OpenAI API ("Error codes"). */
export function refusalBody(refusal: Pick<Refusal, 'message' | 'type' | 'code'>): string {
  return JSON.stringify({
    error: { message: refusal.message, type: refusal.type, param: null, code: refusal.code },
  });
}
