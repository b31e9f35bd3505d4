import type { DecisionRecord } from '../decide/record.ts';
import { type Refusal, refusalBody } from '../decide/refusal.ts';
import type { ExchangeStep } from './exchange.ts';
import type { ImmediateReply } from './messages.ts';

/** The first mapper of the listener's local replies lets a body pass as it is when the reply says that it is ready. */
const READY = { 'headgate.reply': { ready: true } };

/** An answer of ours in the shape of the API's errors; the record, where the request got far enough to have one. */
export function refuseExchange(
  refusal: Refusal,
  id: string,
  record: DecisionRecord | undefined,
  totalMs: number,
): ExchangeStep {
  const finished: DecisionRecord | undefined = record && {
    ...record,
    outcome: { kind: 'refused', status: refusal.status, costMicroUsd: 0, decidedMs: totalMs, totalMs },
  };
  return {
    exchange: { kind: 'closed' },
    replies: [ownAnswer(refusal.status, refusalBody(refusal), id, `headgate_${refusal.reason}`)],
    events: finished === undefined ? [] : [{ kind: 'record', record: finished }],
  };
}

/** Any answer of our own. */
export function ownAnswer(status: number, body: string, id: string, details: string): ImmediateReply {
  return {
    kind: 'immediate',
    status,
    headers: [
      ['content-type', 'application/json'],
      ['headgate-decision', id],
    ],
    body,
    details,
    dynamicMetadata: READY,
  };
}
