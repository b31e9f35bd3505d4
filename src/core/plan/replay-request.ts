import { decideTraits, type TraitsAllowed } from '../decide/decide-traits.ts';
import { OUTPUT_TOKENS_EXPECTED } from '../decide/facts.ts';
import { type GuardVerdict, subjectOf, verdictOf } from '../decide/guard.ts';
import type { Principal } from '../decide/identify.ts';
import { type BoundGuardrail, guardrailsFor, type LoadedRevision } from '../decide/loaded-revision.ts';
import type { RecordedJudgement } from '../decide/record.ts';
import { judgementOf, recordJudgement } from '../decide/recorded-judgement.ts';
import type { RequestTraits } from '../decide/traits.ts';
import { PREFILL_TOKENS_PER_SECOND_PRIOR } from '../load/ledger.ts';
import { judge } from '../policy/judge.ts';
import { mergeVerdict } from '../policy/verdict.ts';
import type { Candidate } from '../schedule/candidate.ts';
import type { CorpusLine } from './corpus.ts';
import { headersNotRecorded, recordedCandidates, recordedPrincipal, recordedTraits } from './replayed-request.ts';

/** What a revision makes of a recorded request. */
export type Replayed =
  | {
      readonly kind: 'served';
      readonly route: string;
      /** The first of the attempt list. */
      readonly offer: string;
      readonly region: string;
      /** For the tokens that the request used, else those that it was expected to use. */
      readonly costMicroUsd: number;
      /** Spans of its texts that are redacted. */
      readonly redacted: number;
      readonly latency: LatencyClass;
      /** The guardrails on the answer, each with its policy: equal texts judge alike. */
      readonly watch: string;
    }
  | { readonly kind: 'denied'; readonly code: string }
  /** The record does not hold what this revision looks at. */
  | { readonly kind: 'not-replayable'; readonly why: NotReplayable };

/** A policy whose rules or detectors changed judged the text, which is gone; or a route looks at a header that was not recorded. */
export type NotReplayable = 'policy' | 'header';

/** The predicted time to the first token, in steps that a person notices; of a provider nothing is predicted. */
export type LatencyClass = 'provider' | 'under 0.5 s' | 'under 2 s' | 'under 10 s' | '10 s and more';

export interface Replay {
  readonly replayed: Replayed;
  /** Whether a policy was asked once more: it sees the commit, and may say something else under another one. */
  readonly asked: boolean;
}

/** Decides a recorded request by a revision, which need not be the one that decided it. */
export function replayRequest(loaded: LoadedRevision, line: CorpusLine): Replay {
  const { revision } = loaded;
  if (headersNotRecorded(line, revision).length > 0) return unasked({ kind: 'not-replayable', why: 'header' });
  const identified = principalNow(loaded, line);
  if (typeof identified === 'string') return unasked({ kind: 'denied', code: identified });
  const request = recordedTraits(line, revision);
  const unknown: string[] = [];
  let redacted = 0;
  let asked = false;
  const decided = decideTraits(revision, identified, request, {
    nowMs: line.timeMs,
    seed: line.seed,
    candidatesOf: (pool, addresses) => candidatesNow(line, pool, addresses),
    judge: (route, model) => {
      const again = guardAgain(loaded, { principal: identified, route, model, request, line });
      unknown.push(...again.unknown);
      redacted = again.redacted;
      asked = again.asked;
      return again.verdict;
    },
  });
  if (unknown.length > 0) return { replayed: { kind: 'not-replayable', why: 'policy' }, asked };
  if (decided.kind === 'refused') return { replayed: { kind: 'denied', code: decided.refusal.code }, asked };
  const served = servedBy(loaded, line, decided, redacted);
  return { replayed: { ...served, watch: watchOf(loaded, decided.route.name, identified.team) }, asked };
}

function unasked(replayed: Replayed): Replay {
  return { replayed, asked: false };
}

/** The caller as the revision knows the key and the team, or the code of the refusal. */
function principalNow({ revision }: LoadedRevision, { principal, timeMs }: CorpusLine): Principal | string {
  const { key: name, team } = principal;
  if (name === undefined) return recordedPrincipal(revision, principal) ?? 'invalid-key';
  const key = revision.keysByName.get(name);
  if (key === undefined) return 'invalid-key';
  if (key.expiresAtMs !== undefined && timeMs >= key.expiresAtMs) return 'expired-key';
  return recordedPrincipal(revision, { team: key.team, key: name }) ?? (team === key.team ? 'invalid-key' : 'no-route');
}

/** Endpoints of the pool that were looked at; of a pool that was not, all, and they are taken to be idle. */
function candidatesNow(line: CorpusLine, pool: string, addresses: readonly string[]): readonly Candidate[] {
  const looked = recordedCandidates(line, pool)?.filter(({ address }) => addresses.includes(address)) ?? [];
  return looked.length > 0 ? looked : addresses.map(idleCandidate);
}

export function idleCandidate(address: string): Candidate {
  return {
    address,
    queuedTokens: 0,
    activeRequests: 0,
    prefillTokensPerSecond: PREFILL_TOKENS_PER_SECOND_PRIOR,
    down: false,
  };
}

interface Guarded {
  readonly principal: Principal;
  readonly route: string;
  readonly model: string;
  readonly request: RequestTraits;
  readonly line: CorpusLine;
}

interface GuardedAgain {
  readonly verdict: GuardVerdict;
  readonly redacted: number;
  /** Guardrails whose policy is another one than the one that read the text. */
  readonly unknown: readonly string[];
  /** Whether one of them judged anew. */
  readonly asked: boolean;
}

/**
 * What the guardrails of this revision say: recorded results where the policy is the same, a new evaluation where the
 * policy looks at no text and no finding.
 */
function guardAgain(loaded: LoadedRevision, guarded: Guarded): GuardedAgain {
  const { line, principal, route } = guarded;
  const bound = guardrailsFor(loaded, 'request', route, principal.team);
  const unknown: string[] = [];
  let asked = false;
  const judged = bound.flatMap((item) => {
    const known = recordedResult(item, line.judged ?? []);
    const recorded = known ?? resultOf(loaded, item, guarded);
    asked ||= known === undefined && recorded !== undefined;
    if (recorded === undefined) unknown.push(item.judging.name);
    return recorded === undefined ? [] : [{ guardrail: item.judging, recorded }];
  });
  const enforced = judged.filter(({ guardrail }) => guardrail.mode === 'enforce');
  return {
    verdict: { ...verdictOf(mergeVerdict(judgementOf(judged))), edits: [], judged: [] },
    redacted: enforced.reduce((sum, { recorded }) => sum + (recorded.redacted?.spans ?? 0), 0),
    unknown,
    asked,
  };
}

/** By policy and not by name: a guardrail that was renamed, or a second one of the same policy, says the same. */
function recordedResult(
  { judging, policy }: BoundGuardrail,
  judged: readonly RecordedJudgement[],
): RecordedJudgement | undefined {
  const recorded =
    judged.find((item) => item.guardrail === judging.name && item.policy === policy) ??
    judged.find((item) => item.policy === policy);
  return recorded && { ...recorded, guardrail: judging.name };
}

/** What the policy says now; undefined for one that looks at texts, which are gone. */
function resultOf(
  loaded: LoadedRevision,
  bound: BoundGuardrail,
  { line, principal, route, model, request }: Guarded,
): RecordedJudgement | undefined {
  const { judging } = bound;
  const { messages, findings, text } = judging.needs;
  if (messages || findings || text) return undefined;
  const { method, path } = request;
  const subject = subjectOf(loaded, 'request', { principal, route, model, request, method, path }, []);
  const judgement = judge(subject, [judging], loaded.evaluate, line.timeMs);
  return recordJudgement([bound], judgement)[0];
}

function watchOf(loaded: LoadedRevision, route: string, team: string): string {
  return guardrailsFor(loaded, 'response', route, team)
    .map(({ row, policy }) => `${row.name} ${policy} ${row.mode} ${row.onError}`)
    .join();
}

function servedBy(
  { revision }: LoadedRevision,
  line: CorpusLine,
  { route, plan, record }: TraitsAllowed,
  redacted: number,
) {
  const first = plan.attempts[0];
  const offer = revision.offers.get(first?.offer ?? '');
  const endpoint = record.candidates.find(({ pool }) => pool === offer?.pool)?.endpoints[0];
  const { promptTokens = 1, outputTokensMax } = line.request;
  const usage = line.usage ?? {
    inputTokens: promptTokens,
    cachedTokens: 0,
    outputTokens: Math.min(outputTokensMax ?? OUTPUT_TOKENS_EXPECTED, OUTPUT_TOKENS_EXPECTED),
  };
  const price = offer?.price ?? { inputUsd: 0, cachedInputUsd: 0, outputUsd: 0 };
  const costMicroUsd =
    (usage.inputTokens - usage.cachedTokens) * price.inputUsd +
    usage.cachedTokens * price.cachedInputUsd +
    usage.outputTokens * price.outputUsd;
  return {
    kind: 'served' as const,
    route: route.name,
    offer: first?.offer ?? '',
    region: offer?.region ?? 'no region',
    costMicroUsd: Math.round(costMicroUsd * 1_000) / 1_000,
    redacted,
    latency: endpoint === undefined ? 'provider' : latencyClass(endpoint.costSeconds),
  };
}

function latencyClass(seconds: number): LatencyClass {
  if (seconds < 0.5) return 'under 0.5 s';
  if (seconds < 2) return 'under 2 s';
  return seconds < 10 ? 'under 10 s' : '10 s and more';
}
