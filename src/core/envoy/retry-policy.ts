import type { RetryPolicyJson } from '../../gen/envoy/config/route/v3/route_components_pb.js';
import { PreviousHostsPredicateSchema } from '../../gen/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts_pb.js';
import type { RetryWord } from '../ir/route.ts';
import { extension, seconds } from './resource.ts';

/** Used only when a decision sends no `x-envoy-max-retries`: no list of attempts is longer than this plus one. */
const RETRIES_DEFAULT = 5;

/** How often the pool's own choice is drawn again when it names an engine that already failed. */
const HOST_SELECTION_ATTEMPTS_MAX = 5;

/** The next attempt goes somewhere else, so there is nothing to wait for but a burst. */
const BACK_OFF_MS = 25;
const BACK_OFF_MAX_MS = 100;

/** A key that one provider refuses (or that is missing here) says nothing about the next one. */
const UNAUTHORIZED = 401;
/** `429` means "too many requests" in both of its spellings: 529 is how some providers say "overloaded". */
const TOO_MANY = [429, 529];
const SERVER_ERRORS = Array.from({ length: 100 }, (_, index) => 500 + index);

/**
 * The retry policy of a decided route: attempt n goes to entry n of the decision's list. Each decision sends the time
 * for one try up to the answer's headers; `tryTimeoutMs` holds where one sends none.
 */
export function retryPolicy(words: readonly RetryWord[], tryTimeoutMs: number): RetryPolicyJson {
  return {
    ...retriedFailures(words),
    numRetries: RETRIES_DEFAULT,
    perTryTimeout: seconds(tryTimeoutMs),
    refreshClusterOnRetry: true,
    retryBackOff: { baseInterval: seconds(BACK_OFF_MS), maxInterval: seconds(BACK_OFF_MAX_MS) },
    retryHostPredicate: [extension('envoy.retry_host_predicates.previous_hosts', PreviousHostsPredicateSchema, {})],
    hostSelectionRetryMaxAttempts: `${HOST_SELECTION_ATTEMPTS_MAX}`,
  };
}

/**
 * Envoy's conditions for our words. Its `reset` covers a try that timed out, so `timeout` and `reset` are one there;
 * its `5xx` covers a reset too, so it stands only beside one and is spelt out in status codes otherwise.
 */
function retriedFailures(words: readonly RetryWord[]): Pick<RetryPolicyJson, 'retryOn' | 'retriableStatusCodes'> {
  const moves = words.includes('reset') || words.includes('timeout');
  const serverErrors = words.includes('5xx');
  const conditions = [
    ...(serverErrors && moves ? ['5xx'] : []),
    ...(moves ? ['reset'] : []),
    ...(words.includes('connect') ? ['connect-failure', 'refused-stream'] : []),
    'retriable-status-codes',
  ];
  const codes = [
    UNAUTHORIZED,
    ...(words.includes('429') ? TOO_MANY : []),
    ...(serverErrors && !moves ? SERVER_ERRORS : []),
  ];
  return {
    retryOn: conditions.join(','),
    retriableStatusCodes: [...new Set(codes)].sort((left, right) => left - right),
  };
}
