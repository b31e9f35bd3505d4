import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { decideTraits } from '../decide/decide-traits.ts';
import { type GuardVerdict, verdictOf } from '../decide/guard.ts';
import { guardrailsFor, type LoadedRevision } from '../decide/loaded-revision.ts';
import type { DecisionRecord } from '../decide/record.ts';
import { judgementOf } from '../decide/recorded-judgement.ts';
import { mergeVerdict } from '../policy/verdict.ts';
import {
  headersNotRecorded,
  recordedCandidates,
  recordedPrincipal,
  recordedTraits,
  wasDecided,
} from './replayed-request.ts';

/** What came of deciding again. */
export type Rerun =
  /** The same decision, byte for byte. */
  | { readonly kind: 'same' }
  /** Another one: a bug of ours, or a record that somebody changed. */
  | { readonly kind: 'different'; readonly again: DecisionRecord }
  /** The record lacks what the decision looked at. */
  | { readonly kind: 'incomplete'; readonly missing: readonly string[] };

/**
 * Decides again what a record tells of, by the revision that decided it. A policy that read the text starts from its
 * recorded result; what came after the decision (the answer, its guardrails and its cost) is not decided and not compared.
 */
export function rerunRecord(loaded: LoadedRevision, record: DecisionRecord): Rerun {
  const { revision } = loaded;
  if (revision.digest !== record.digest) return incomplete(`the revision ${record.digest}`);
  if (!wasDecided(record)) return incomplete('a request that came as far as a decision');
  const principal = record.principal && recordedPrincipal(revision, record.principal);
  if (principal === undefined) return incomplete('the team of the caller');
  const missing = headersNotRecorded(record, revision).map((name) => `the header ${name}`);
  const { judged = [] } = record;
  const judge = (route: string): GuardVerdict => {
    const again = guardrailsFor(loaded, 'request', route, principal.team).flatMap(({ judging, policy }) => {
      const recorded = judged.find((item) => item.guardrail === judging.name && item.policy === policy);
      if (recorded === undefined) missing.push(`the result of the guardrail ${judging.name}`);
      return recorded === undefined ? [] : [{ guardrail: judging, recorded }];
    });
    const verdict = verdictOf(mergeVerdict(judgementOf(again)));
    return { ...verdict, edits: [], judged: again.map(({ recorded }) => recorded) };
  };
  const candidatesOf = (pool: string) => {
    const looked = recordedCandidates(record, pool);
    if (looked === undefined) missing.push(`the endpoints of the pool ${pool}`);
    return looked ?? [];
  };
  const { timeMs: nowMs, seed } = record;
  const again = decideTraits(revision, principal, recordedTraits(record, revision), {
    nowMs,
    seed,
    candidatesOf,
    judge,
  });
  if (missing.length > 0) return incomplete(...missing);
  const isSame = decisionText(again.record) === decisionText(record);
  return isSame ? { kind: 'same' } : { kind: 'different', again: again.record };
}

function incomplete(...missing: string[]): Rerun {
  return { kind: 'incomplete', missing };
}

/** The decision of a record as text, without what came after it. Another commit may mean the same revision. */
function decisionText({ outcome: _outcome, commit: _commit, ...decision }: DecisionRecord): string {
  const policies = decision.policies.filter(({ stage }) => stage === 'request');
  return canonicalJson({ ...decision, policies } as unknown as Json);
}
