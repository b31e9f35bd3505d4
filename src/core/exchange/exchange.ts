import type { ChatRequest } from '../api/chat-request.ts';
import type { Allowed } from '../decide/decide.ts';
import type { Principal } from '../decide/identify.ts';
import type { LoadedRevision } from '../decide/loaded-revision.ts';
import type { DecisionRecord, RecordedAttempt, RecordedUsage } from '../decide/record.ts';
import type { Reservation } from '../load/ledger.ts';
import type { HeaderList } from './header-list.ts';
import type { ProcessingReply } from './messages.ts';
import type { AnswerWatch } from './watch-answer.ts';

/**
 * One ext_proc stream: the state between two messages. Envoy opens one per client request, and one more per attempt
 * whose body must be adapted on its way to a provider.
 */
export type Exchange = Opened | Reading | Decided | Answering | Closed | Adapting;

/** Nothing has come yet. */
export interface Opened {
  readonly kind: 'opened';
  readonly startedMs: number;
  /** The revision that the proxy's own configuration names. */
  readonly digest: string;
}

/** The headers were read, the body is awaited. */
export interface Reading {
  readonly kind: 'reading';
  readonly startedMs: number;
  readonly loaded: LoadedRevision;
  readonly principal: Principal;
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly headers: HeaderList;
}

/** An attempt list was given, the answer's headers are awaited. */
export interface Decided {
  readonly kind: 'decided';
  readonly startedMs: number;
  readonly loaded: LoadedRevision;
  readonly principal: Principal;
  /** Without its texts, which a long answer would keep in memory. */
  readonly request: ChatRequest;
  /** Without its body, for the same reason. */
  readonly decision: Omit<Allowed, 'body'>;
  readonly decidedMs: number;
  readonly reservation?: Reservation;
}

/** The answer's headers were seen. */
export interface Answering extends Omit<Decided, 'kind'> {
  readonly kind: 'answering';
  readonly headersMs: number;
  /** The client's; the upstream's where it is another one. */
  readonly status: number;
  readonly upstreamStatus?: number;
  readonly served?: ServedAttempt;
  /** The answer passes through us. */
  readonly watch?: AnswerWatch;
  readonly usage?: RecordedUsage;
}

/** The attempt that answered: entry `attempt` of the list, counted from 1. */
export interface ServedAttempt extends RecordedAttempt {
  readonly attempt: number;
}

/** All was said: further messages get an empty reply, and the end leaves no second record. */
export interface Closed {
  readonly kind: 'closed';
}

/** The stream of an inner attempt: its body gets another model name. */
export interface Adapting {
  readonly kind: 'adapting';
  readonly model?: string;
}

/** What a stream was opened for, from its initial metadata (set by our own configuration, never by clients). */
export interface ExchangeOpening {
  readonly role: 'decide' | 'adapt';
  readonly digest: string;
}

export function openExchange(opening: ExchangeOpening, nowMs: number): Exchange {
  switch (opening.role) {
    case 'decide':
      return { kind: 'opened', startedMs: nowMs, digest: opening.digest };
    case 'adapt':
      return { kind: 'adapting' };
  }
}

/** What a step tells the shell beside the replies. */
export interface ExchangeEvent {
  readonly kind: 'record';
  readonly record: DecisionRecord;
}

export interface ExchangeStep {
  readonly exchange: Exchange;
  readonly replies: readonly ProcessingReply[];
  readonly events: readonly ExchangeEvent[];
  /** The shell ends the stream after the replies: nothing that may still come concerns us. */
  readonly finished?: true;
}
