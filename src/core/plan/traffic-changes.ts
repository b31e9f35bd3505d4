import { byCodeUnit } from '../base/text-order.ts';
import type { CorpusLine } from './corpus.ts';
import type { PlanSide } from './plan-side.ts';
import { type Replayed, replayRequest } from './replay-request.ts';
import { sameDecisions } from './same-decisions.ts';

/** What a corpus of recorded requests becomes under the head, beside what it becomes under the base. */
export interface TrafficChanges {
  readonly requests: number;
  /** From the first to the last of them; a day where it is less than a minute, since nothing can be said of a rate. */
  readonly spanMs: number;
  /** Requests with a change of any kind. */
  readonly changed: number;
  readonly moved: ChangedShare;
  readonly newDenials: ChangedShare;
  /** In the order of ASPECTS, each with what changed into what, the most frequent first. */
  readonly aspects: readonly { readonly aspect: Aspect; readonly groups: readonly ChangeGroup[] }[];
  readonly costPerDayUsd: { readonly base: number; readonly head: number };
  /** Requests whose answers other guardrails judge, or the same ones otherwise: what they would say is not known. */
  readonly answersJudgedOtherwise: number;
  /** Requests that were left out, by why. */
  readonly notReplayable: { readonly policy: number; readonly header: number };
  readonly teams: readonly string[];
}

export interface ChangedShare {
  readonly count: number;
  /** 0 to 1, of the requests that could be replayed. */
  readonly share: number;
}

const ASPECTS = ['denial', 'offer', 'region', 'redaction', 'price', 'latency'] as const;
export type Aspect = (typeof ASPECTS)[number];

export interface ChangeGroup extends ChangedShare {
  /** In words: `chat-small/own -> chat-small/corp`. */
  readonly change: string;
  readonly samples: readonly Sample[];
}

/** A request by what is known of it. */
export interface Sample {
  readonly id: string;
  readonly team: string;
  readonly model: string;
  readonly promptTokens: number;
}

const SAMPLES_MAX = 3;
const DAY_MS = 86_400_000;
const SPAN_MS_MIN = 60_000;

interface Tally {
  count: number;
  readonly samples: Sample[];
}

/** Replays every request through both revisions; one that both decide from equal rows, once for both. */
export function trafficChanges(base: PlanSide, head: PlanSide, corpus: readonly CorpusLine[]): TrafficChanges {
  const tallies = new Map<Aspect, Map<string, Tally>>(ASPECTS.map((aspect) => [aspect, new Map()]));
  const cost = { base: 0, head: 0 };
  const notReplayable = { policy: 0, header: 0 };
  const teams = new Set<string>();
  const counts: Counts = { changed: 0, moved: 0, newDenials: 0, answers: 0 };
  const isSame = sameDecisions(base.loaded, head.loaded);
  for (const line of corpus) {
    const { replayed: before, asked } = replayRequest(base.loaded, line);
    const after = !asked && isSame(line) ? before : replayRequest(head.loaded, line).replayed;
    if (before.kind === 'not-replayable' || after.kind === 'not-replayable') {
      notReplayable[whyNot(before, after)] += 1;
      continue;
    }
    cost.base += costOf(before);
    cost.head += costOf(after);
    const changes = changesOf(before, after);
    for (const [aspect, change] of changes) tally(tallies.get(aspect), change, line);
    count(counts, before, after);
    if (changes.length === 0) continue;
    counts.changed += 1;
    teams.add(line.principal.team);
  }
  const replayed = corpus.length - notReplayable.policy - notReplayable.header;
  const share = (some: number): ChangedShare => ({ count: some, share: replayed === 0 ? 0 : some / replayed });
  const span = corpusSpanMs(corpus);
  const perDay = (microUsd: number) => ((microUsd / 1e6) * DAY_MS) / span;
  return {
    requests: corpus.length,
    spanMs: span,
    changed: counts.changed,
    moved: share(counts.moved),
    newDenials: share(counts.newDenials),
    aspects: ASPECTS.map((aspect) => ({ aspect, groups: groupsOf(tallies.get(aspect) ?? new Map(), share) })).filter(
      ({ groups }) => groups.length > 0,
    ),
    costPerDayUsd: { base: perDay(cost.base), head: perDay(cost.head) },
    answersJudgedOtherwise: counts.answers,
    notReplayable,
    teams: [...teams].sort(byCodeUnit),
  };
}

function whyNot(before: Replayed, after: Replayed): 'policy' | 'header' {
  const why = after.kind === 'not-replayable' ? after.why : before.kind === 'not-replayable' && before.why;
  return why === 'header' ? 'header' : 'policy';
}

type Decided = Exclude<Replayed, { kind: 'not-replayable' }>;

interface Counts {
  changed: number;
  moved: number;
  newDenials: number;
  answers: number;
}

function count(counts: Counts, before: Decided, after: Decided): void {
  if (before.kind === 'denied') return;
  if (after.kind === 'denied') {
    counts.newDenials += 1;
    return;
  }
  if (before.offer !== after.offer) counts.moved += 1;
  if (before.watch !== after.watch) counts.answers += 1;
}

function costOf(replayed: Decided): number {
  return replayed.kind === 'served' ? replayed.costMicroUsd : 0;
}

function changesOf(before: Decided, after: Decided): [Aspect, string][] {
  if (before.kind === 'denied' || after.kind === 'denied') {
    const [from, to] = [outcomeText(before), outcomeText(after)];
    return from === to ? [] : [['denial', `${from} -> ${to}`]];
  }
  const changes: [Aspect, string][] = [];
  const compare = (aspect: Aspect, from: string, to: string) => {
    if (from !== to) changes.push([aspect, `${from} -> ${to}`]);
  };
  compare('offer', before.offer, after.offer);
  compare('region', before.region, after.region);
  compare('redaction', spansText(before.redacted), spansText(after.redacted));
  compare('latency', before.latency, after.latency);
  if (before.costMicroUsd !== after.costMicroUsd) {
    changes.push(['price', after.costMicroUsd > before.costMicroUsd ? 'dearer' : 'cheaper']);
  }
  return changes;
}

function spansText(spans: number): string {
  return spans === 1 ? '1 span' : `${spans} spans`;
}

function outcomeText(decided: Decided): string {
  return decided.kind === 'denied' ? `denied (${decided.code})` : 'served';
}

function tally(changes: Map<string, Tally> | undefined, change: string, line: CorpusLine): void {
  const known = changes?.get(change) ?? { count: 0, samples: [] };
  known.count += 1;
  if (known.samples.length < SAMPLES_MAX) {
    const { model, promptTokens = 0 } = line.request;
    known.samples.push({ id: line.id, team: line.principal.team, model, promptTokens });
  }
  changes?.set(change, known);
}

function groupsOf(changes: ReadonlyMap<string, Tally>, share: (some: number) => ChangedShare): ChangeGroup[] {
  return [...changes]
    .map(([change, known]) => ({ change, ...share(known.count), samples: known.samples }))
    .sort((left, right) => right.count - left.count || byCodeUnit(left.change, right.change));
}

/** From the first to the last line; a day where that is less than a minute. */
export function corpusSpanMs(corpus: readonly CorpusLine[]): number {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const { timeMs } of corpus) {
    first = Math.min(first, timeMs);
    last = Math.max(last, timeMs);
  }
  const span = last - first;
  return span < SPAN_MS_MIN ? DAY_MS : span;
}
