import type { LimitCheck } from './change-limits.ts';
import type { DocumentChange } from './document-changes.ts';
import type { FleetChange, TypeChange } from './envoy-changes.ts';
import type { Plan, PlannedRevision } from './make-plan.ts';
import { PROMPT_TOKENS, type RequestClass } from './request-classes.ts';
import type { RoutingChange, Way } from './routing-changes.ts';
import type { ChangeGroup, Sample, TrafficChanges } from './traffic-changes.ts';

const SIGNS = { added: '+', changed: '~', removed: '-' } as const;
const COMMIT_CHARS = 12;
const DIGEST_CHARS = 'sha256:'.length + 12;

export function revisionText({ name, commit }: PlannedRevision): string {
  return name === commit ? name : `${name}@${commit.slice(0, COMMIT_CHARS)}`;
}

export function shortDigestText({ digest }: PlannedRevision): string {
  return digest.slice(0, DIGEST_CHARS);
}

/** `~ model chat-small  models/chat.yaml:3` with a line for each field. */
export function documentSentence({ kind, name, action, place }: DocumentChange): string {
  return `${SIGNS[action]} ${kind} ${name}  ${place.file}:${place.line}`;
}

/** `model gpt-4o-mini, team red: chat-small/corp -> chat-small/oai (region eu -> us)`. */
export function routingSentence({ model, teams, witness, base, head }: RoutingChange): string {
  const who = `team${teams.length === 1 ? '' : 's'} ${teams.join(', ')}`;
  return `${[`model ${model}`, who, ...conditionWords(witness)].join(', ')}: ${wayChange(base, head)}`;
}

/** The witness as a request that anybody can send. */
export function witnessText({ team, model, headers, needs, promptTokens, down }: RequestClass): string {
  const parts = [
    'POST /v1/chat/completions',
    `model=${model}`,
    `team=${team}`,
    ...Object.entries(headers).map(([name, value]) => `${name}=${value}`),
    ...needs.map((need) => (need === 'streaming' ? 'stream=true' : `uses=${need}`)),
    `promptTokens=${promptTokens}`,
    ...(down.length === 0 ? [] : [`down=${down.join(',')}`]),
  ];
  return parts.join(' ');
}

function conditionWords({ headers, needs, promptTokens, down }: RequestClass): string[] {
  return [
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(needs.includes('streaming') ? ['streamed'] : needs.map((need) => `with ${need}`)),
    ...(promptTokens > PROMPT_TOKENS ? [`${promptTokens} prompt tokens`] : []),
    ...down.map((pool) => `pool ${pool} down`),
  ];
}

function wayChange(base: Way, head: Way): string {
  const text = `${wayText(base)} -> ${wayText(head)}`;
  if (base.kind === 'refused' || head.kind === 'refused') return text;
  const regions = [base, head].map(({ offers }) => offers[0]?.region ?? 'none');
  const route = base.route === head.route ? '' : `, route ${base.route} -> ${head.route}`;
  return `${text}${regions[0] === regions[1] ? '' : ` (region ${regions.join(' -> ')})`}${route}`;
}

function wayText(way: Way): string {
  if (way.kind === 'refused') return `refused (${way.code})`;
  return way.offers.map(({ offer }) => offer).join(', then ');
}

/** The figures of a corpus, a line each. */
export function trafficSummary(traffic: TrafficChanges): string[] {
  const { requests, changed, moved, newDenials, costPerDayUsd: cost, notReplayable } = traffic;
  const apart = notReplayable.policy + notReplayable.header;
  const difference = cost.head - cost.base;
  return [
    `${changed} of ${requests} requests change; ${moved.count} get another offer (${percent(moved.share)}), ${newDenials.count} are newly denied (${percent(newDenials.share)})`,
    ...(notReplayable.policy === 0
      ? []
      : [`${notReplayable.policy} are not replayable: a changed policy judged their text`]),
    ...(notReplayable.header === 0
      ? []
      : [`${notReplayable.header} are not replayable: a route looks at a header that was not recorded`]),
    ...(traffic.answersJudgedOtherwise === 0
      ? []
      : [
          `${traffic.answersJudgedOtherwise} answers would be judged by other guardrails, and what they say is not known`,
        ]),
    ...(apart === requests ? [] : [`cost per day: ${usd(cost.base)} -> ${usd(cost.head)} USD (${signed(difference)})`]),
  ];
}

export function groupSentence({ change, count, share }: ChangeGroup): string {
  return `${change}: ${count} (${percent(share)})`;
}

export function sampleText({ id, team, model, promptTokens }: Sample): string {
  return `${id} model=${model} team=${team} promptTokens=${promptTokens}`;
}

export function fleetSentence({ fleet, action, types, drains }: FleetChange): string {
  const bytes = types.reduce((sum, type) => sum + type.bytes, 0);
  const listeners = drains ? 'listeners drain' : 'no listener drains';
  return `${SIGNS[action]} fleet ${fleet}: ${types.map(typeText).join(', ')}; ${kilobytes(bytes)}, ${listeners}`;
}

function typeText({ type, added, changed, removed }: TypeChange): string {
  const counts = [
    [added, SIGNS.added],
    [changed, SIGNS.changed],
    [removed, SIGNS.removed],
  ] as const;
  return `${type} ${counts.flatMap(([count, sign]) => (count === 0 ? [] : [`${sign}${count}`])).join(' ')}`;
}

const LIMIT_WORDS: Readonly<Record<LimitCheck['limit'], readonly [what: string, text: (value: number) => string]>> = {
  trafficMoved: ['traffic moved', percent],
  newDenials: ['new denials', percent],
  costPerDayUsd: ['cost per day added', (value) => `${usd(value)} USD`],
  fleetsTouched: ['fleets touched', String],
  teamsTouched: ['teams touched', String],
  removed: ['clusters or listeners removed', percent],
};

export function limitSentence(check: LimitCheck): string {
  return `${limitText(check)}${check.isBreached ? '  <- BREACH' : ''}`;
}

/** `traffic moved: 40%, 25% allowed`. */
export function limitText({ limit, allowed, actual }: LimitCheck): string {
  const [what, text] = LIMIT_WORDS[limit];
  const is = actual === undefined ? 'not known without a corpus' : text(actual);
  return `${what}: ${is}, ${text(allowed)} allowed`;
}

/** The last line: how much there is of everything. */
export function closingSentence({ documents, risks, limits }: Plan): string {
  const count = (action: DocumentChange['action']) => documents.filter((change) => change.action === action).length;
  const breaches = limits.filter(({ isBreached }) => isBreached).length;
  const tail = breaches === 0 ? '' : `, ${breaches} limit${breaches === 1 ? '' : 's'} breached`;
  return `Plan: ${count('added')} to add, ${count('changed')} to change, ${count('removed')} to remove, ${risks.length} risk${risks.length === 1 ? '' : 's'}${tail}.`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}

function usd(value: number): string {
  return value.toFixed(Math.abs(value) < 1 ? 4 : 2);
}

function signed(value: number): string {
  const text = usd(value);
  return value > 0 ? `+${text}` : text;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
