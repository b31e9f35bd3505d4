import { type Reservation, recordFailure, recordSuccess, release, reserve } from '../load/ledger.ts';
import type { Decided, ServedAttempt } from './exchange.ts';
import type { HeadersRequest } from './messages.ts';
import type { ExchangePorts } from './ports.ts';

/** Envoy's word for an answer that an upstream gave; any other one is of Envoy's own making. */
const VIA_UPSTREAM = 'via_upstream';

/** Whether an upstream gave the answer, be it known which or not. */
export function isFromUpstream({ attributes }: HeadersRequest): boolean {
  return attributes['response.code_details'] === VIA_UPSTREAM;
}

/** Which attempt the answer's headers come from; undefined when Envoy made them itself, since no attempt answered. */
export function servedBy(exchange: Decided, message: HeadersRequest): ServedAttempt | undefined {
  const { attributes } = message;
  const attempt = attributes['upstream.request_attempt_count'] ?? 0;
  const address = attributes['upstream.address'];
  // A try that failed leaves its address behind, so the address alone says nothing of who answered.
  if (!isFromUpstream(message) || address === undefined) return undefined;
  const { attempts } = exchange.decision;
  // Attempt n is entry n of the list that we gave, and the last entry stands for all behind it.
  const planned = attempts[Math.min(attempt, attempts.length) - 1];
  if (planned === undefined) return undefined;
  const { offer, cluster } = planned;
  // The engine's address is Envoy's word: where it does not know the planned one, it picks another.
  return { offer, cluster, ...(planned.address === undefined ? {} : { address }), attempt };
}

/**
 * Tells the ledger how the attempts went: those that failed let their endpoints rest, and the reservation moves to the
 * one that serves. Gives the reservation that is left to release.
 */
export function settleAttempts(
  exchange: Decided,
  message: HeadersRequest,
  status: number,
  served: ServedAttempt | undefined,
  ports: ExchangePorts,
): Reservation | undefined {
  const { ledger } = ports;
  const { attempts, promptTokens, outputTokens } = exchange.decision;
  const nowMs = ports.monotonicMs();
  const tried = served === undefined ? (message.attributes['upstream.request_attempt_count'] ?? 0) : served.attempt - 1;
  for (const { address } of attempts.slice(0, tried)) if (address !== undefined) recordFailure(ledger, address, nowMs);
  if (served?.address !== undefined) {
    if (isOverloadedOrBroken(status)) recordFailure(ledger, served.address, nowMs);
    else recordSuccess(ledger, served.address);
  }
  const { reservation } = exchange;
  if (reservation === undefined ? served?.address === undefined : reservation.address === served?.address) {
    return reservation;
  }
  if (reservation !== undefined) release(ledger, reservation, true, nowMs);
  return served?.address === undefined ? undefined : reserve(ledger, served.address, promptTokens, outputTokens, nowMs);
}

const TOO_MANY_REQUESTS = 429;

/** Such an answer is no better than none: the engine rests. Any other one, a 400 included, shows that it works. */
function isOverloadedOrBroken(status: number): boolean {
  return status === TOO_MANY_REQUESTS || status >= 500;
}
