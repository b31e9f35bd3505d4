import { sortedBy } from '../base/text-order.ts';
import type { Decisions } from './decision.ts';
import type { GuardrailFailure, Judgement } from './judge.ts';
import { mergeRedactions, type Redaction } from './redact.ts';

/** A decision with the guardrail that made it. */
export type Fired<T> = Omit<T, 'shadow'> & { readonly guardrail: string };

export type FiredDeny = Fired<Decisions['deny'][number]>;
export type FiredWarning = Fired<Decisions['warn'][number]>;

/** What several guardrails decided together. */
export interface Verdict {
  /** Any one refuses. By guardrail, then code. */
  readonly deny: readonly FiredDeny[];
  readonly warn: readonly FiredWarning[];
  /** Sorted by text and place, without overlaps. */
  readonly redact: readonly Redaction[];
  /** Sorted, each once. */
  readonly forbid: {
    readonly offers: readonly string[];
    readonly upstreams: readonly string[];
    readonly regions: readonly string[];
  };
}

export interface MergedVerdict {
  readonly enforced: Verdict;
  /** What guardrails and rules in shadow mode would have done. */
  readonly shadow: Verdict;
  /** Enforcing guardrails that failed with `onError: deny`: each refuses like a deny. */
  readonly failedClosed: readonly GuardrailFailure[];
  /** All other failures: counted, without effect. */
  readonly failedOpen: readonly GuardrailFailure[];
}

/** Merges the decisions of all guardrails: deny wins, forbids unite, spans unite. Independent of any order. */
export function mergeVerdict(judgement: Pick<Judgement, 'decided' | 'failures'>): MergedVerdict {
  if (judgement.failures.length === 0 && judgement.decided.every(isQuiet)) return QUIET;
  const isClosed = ({ guardrail }: GuardrailFailure) => guardrail.mode === 'enforce' && guardrail.onError === 'deny';
  const failures = sortedBy(judgement.failures, (failure) => failure.guardrail.name);
  return {
    enforced: verdictOf(judgement, false),
    shadow: verdictOf(judgement, true),
    failedClosed: failures.filter(isClosed),
    failedOpen: failures.filter((failure) => !isClosed(failure)),
  };
}

const NOTHING: Verdict = { deny: [], warn: [], redact: [], forbid: { offers: [], upstreams: [], regions: [] } };

/** Nearly every request. */
const QUIET: MergedVerdict = { enforced: NOTHING, shadow: NOTHING, failedClosed: [], failedOpen: [] };

function isQuiet({ decisions: { deny, warn, redact, route } }: Judgement['decided'][number]): boolean {
  return deny.length + warn.length + redact.length + route.length === 0;
}

function verdictOf({ decided }: Pick<Judgement, 'decided'>, isShadow: boolean): Verdict {
  const pick = <T extends { readonly shadow: boolean }>(kind: (decisions: Decisions) => readonly T[]): Fired<T>[] =>
    decided.flatMap(({ guardrail, decisions }) =>
      kind(decisions)
        .filter((decision) => (decision.shadow || guardrail.mode === 'shadow') === isShadow)
        .map(({ shadow: _shadow, ...decision }) => ({ ...decision, guardrail: guardrail.name })),
    );
  const deny = pick((decisions) => decisions.deny);
  const warn = pick((decisions) => decisions.warn);
  const redact = pick((decisions) => decisions.redact);
  const route = pick((decisions) => decisions.route);
  if (deny.length + warn.length + redact.length + route.length === 0) return NOTHING;
  const united = (lists: readonly (readonly string[])[]) => [...new Set(lists.flat())].sort();
  return {
    deny: sortedBy(deny, byGuardrailAndCode),
    warn: sortedBy(warn, byGuardrailAndCode),
    redact: mergeRedactions(redact.map(({ guardrail: _guardrail, ...redaction }) => redaction)),
    forbid: {
      offers: united(route.map(({ forbid }) => forbid.offers)),
      upstreams: united(route.map(({ forbid }) => forbid.upstreams)),
      regions: united(route.map(({ forbid }) => forbid.regions)),
    },
  };
}

function byGuardrailAndCode({ guardrail, code, message }: FiredDeny): string {
  return JSON.stringify([guardrail, code, message]);
}
