import { readChatRequest } from '../../src/core/api/chat-request.ts';
import { assert } from '../../src/core/base/assert.ts';
import { type Decision, decide } from '../../src/core/decide/decide.ts';
import type { Principal } from '../../src/core/decide/identify.ts';
import type { LoadedRevision } from '../../src/core/decide/loaded-revision.ts';
import { createLedger, type Ledger, observe, recordUnreachable } from '../../src/core/load/ledger.ts';
import { chatBody } from './exchange-lab.ts';

export const RED: Principal = { team: 'red', key: 'red-key', labels: { residency: 'eu' }, models: '*' };

export interface Asked {
  readonly id?: string;
  readonly principal?: Principal;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly headers?: ReadonlyMap<string, string>;
  readonly ledger?: Ledger;
  readonly seed?: number;
  readonly nowMs?: number;
}

/** Decides one request; what is not said is a plain request of team red for the model `small` to idle engines. */
export function decideRequest(loaded: LoadedRevision, asked: Asked = {}): Decision {
  const body = chatBody(asked.body);
  const request = readChatRequest(body);
  assert(request.ok, 'the request of a test can be read');
  const { id = 'dec-1', principal = RED, headers, ledger = createLedger(), seed = 1, nowMs = 0 } = asked;
  const header = (name: string) => headers?.get(name);
  const facts = { id, method: 'POST', path: '/v1/chat/completions', header, body, request: request.value };
  return decide(loaded, principal, facts, { ledger, nowMs, monotonicMs: nowMs, seed });
}

/** What a decision comes down to: the code of a refusal, or the attempts in order, engines by address. */
export function summary(decision: Decision): string {
  if (decision.kind === 'refused') return decision.refusal.code;
  return decision.attempts
    .map(({ offer, address }) => (address === undefined ? offer : `${offer}@${address}`))
    .join(' ');
}

/** A ledger in which these engines have requests waiting, and these do not answer. */
export function ledgerWith(waiting: Readonly<Record<string, number>>, down: readonly string[] = []): Ledger {
  const ledger = createLedger();
  for (const [address, count] of Object.entries(waiting)) observe(ledger, address, { atMs: 0, waiting: count }, 0);
  for (const address of down) recordUnreachable(ledger, address);
  return ledger;
}
