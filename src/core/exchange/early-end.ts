import { hash32 } from '../base/rng.ts';
import type { Principal } from '../decide/identify.ts';
import type { LoadedRevision } from '../decide/loaded-revision.ts';
import type { DecisionRecord, Outcome } from '../decide/record.ts';
import type { Refusal } from '../decide/refusal.ts';
import type { ExchangeStep, Reading } from './exchange.ts';
import { headerValue } from './header-list.ts';
import type { HeadersRequest } from './messages.ts';
import type { ExchangePorts } from './ports.ts';
import { refuseExchange } from './refuse-exchange.ts';

/** A request whose headers were read, and which ends before there is anything to decide on. */
export interface EarlyRequest {
  readonly loaded: LoadedRevision;
  readonly id: string;
  readonly path: string;
  readonly startedMs: number;
  readonly principal?: Principal;
}

/** Refuses it; its record says what is known. */
export function refuseEarly(
  request: EarlyRequest,
  refusal: Refusal,
  ports: ExchangePorts,
  bodyBytes = 0,
): ExchangeStep {
  const nowMs = ports.nowMs();
  const { reason, code } = refusal;
  const record = { ...earlyRecord(request, nowMs, bodyBytes), refusal: { reason, code } };
  return refuseExchange(refusal, request.id, record, ports.monotonicMs() - request.startedMs);
}

const PAYLOAD_TOO_LARGE = 413;

/**
 * Envoy answered by itself while the body was awaited: it was larger than any route takes, did not come in time, or was
 * no HTTP. That answer passes us like every other one, and the request leaves its record.
 */
export function answeredByEnvoy(reading: Reading, message: HeadersRequest, ports: ExchangePorts): ExchangeStep {
  const status = Number(headerValue(message.headers, ':status') ?? 0);
  const code = message.attributes['response.code_details'] ?? 'unknown';
  const tooLarge = status === PAYLOAD_TOO_LARGE;
  const record: DecisionRecord = {
    ...endedRecord(reading, ports, { kind: tooLarge ? 'refused' : 'failed', status }),
    ...(tooLarge ? { refusal: { reason: 'body-too-large', code } } : {}),
  };
  return {
    exchange: { kind: 'closed' },
    replies: [{ kind: 'response-headers', setHeaders: [['headgate-decision', reading.id]] }],
    events: [{ kind: 'record', record }],
  };
}

/** The client left before its body was there. */
export function abandonedRecord(reading: Reading, ports: ExchangePorts): DecisionRecord {
  return endedRecord(reading, ports, { kind: 'incomplete', status: 0 });
}

function endedRecord(reading: Reading, ports: ExchangePorts, end: Pick<Outcome, 'kind' | 'status'>): DecisionRecord {
  const nowMs = ports.nowMs();
  const totalMs = ports.monotonicMs() - reading.startedMs;
  return { ...earlyRecord(reading, nowMs, 0), outcome: { ...end, costMicroUsd: 0, decidedMs: totalMs, totalMs } };
}

/** A client writes the path; a record keeps the part that tells what it was. */
const PATH_LENGTH_MAX = 200;

function earlyRecord(request: EarlyRequest, nowMs: number, bodyBytes: number): DecisionRecord {
  const { id, loaded, principal } = request;
  return {
    id,
    timeMs: nowMs,
    digest: loaded.revision.digest,
    commit: loaded.revision.commit,
    request: { path: request.path.slice(0, PATH_LENGTH_MAX), bodyBytes },
    ...(principal === undefined
      ? {}
      : { principal: { team: principal.team, ...(principal.key === undefined ? {} : { key: principal.key }) } }),
    removed: [],
    candidates: [],
    attempts: [],
    policies: [],
    seed: hash32(id),
  };
}
