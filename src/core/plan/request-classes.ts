import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { sameJson } from '../base/same-json.ts';
import { byCodeUnit } from '../base/text-order.ts';
import type { Revision } from '../decide/revision.ts';
import { ANONYMOUS } from '../ir/identity.ts';
import type { Capability } from '../ir/model.ts';
import { chooseAlike, poolsOf, reachOf } from './model-reach.ts';

/** A kind of request that both revisions can be asked about: all requests of it are decided alike but for load and chance. */
export interface RequestClass {
  readonly team: string;
  /** A name that a client may use. */
  readonly model: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly needs: readonly Capability[];
  readonly promptTokens: number;
  /** Pools none of whose endpoints is up. */
  readonly down: readonly string[];
}

/** A class with all teams whose requests both revisions treat as those of its team. */
export interface AskedClass {
  readonly asked: RequestClass;
  readonly teams: readonly string[];
}

/** What a class is made of, simplest first: the first class that shows a change is its witness. */
const NEEDS: readonly (readonly Capability[])[] = [[], ['streaming'], ['tools'], ['jsonSchema'], ['vision']];
/** An ordinary prompt. */
export const PROMPT_TOKENS = 900;
/** Subsets of pools are all looked at up to here; of more pools, none, each alone and all. */
const POOLS_ALL_SUBSETS_MAX = 3;
/** A tree with more classes than this is looked at in part, and the plan says so: about two seconds of decisions. */
export const CLASSES_MAX = 100_000;

/** The classes in which two revisions may differ: those of the models and teams whose own part of the configuration does. */
export function* requestClasses(base: Revision, head: Revision): Generator<AskedClass> {
  const teams = [...namesOf(base.teams, head.teams), ANONYMOUS];
  const changedTeams = new Set(teams.filter((team) => !sameJson(base.teams.get(team), head.teams.get(team))));
  for (const model of askableNames(base, head)) {
    const isSameModel = chooseAlike(reachOf(base, model), reachOf(head, model));
    const asking = isSameModel ? teams.filter((team) => changedTeams.has(team)) : teams;
    if (asking.length === 0) continue;
    const conditions = conditionsOf(base, head, model);
    for (const alike of teamsAlike(base, head, model, asking)) {
      const team = alike[0] ?? ANONYMOUS;
      for (const condition of conditions) yield { asked: { team, model, ...condition }, teams: alike };
    }
  }
}

/** The teams in groups that no route of the model and no allow-list tells apart, each in the order given. */
function teamsAlike(base: Revision, head: Revision, model: string, teams: readonly string[]): string[][] {
  const sides = [base, head].map((revision) => ({
    revision,
    own: revision.names.get(model) ?? model,
    matches: reachOf(revision, model).routes.map(({ match }) => match),
  }));
  const groups = Map.groupBy(teams, (team) => {
    const treatment = sides.map(({ revision, own, matches }) => {
      const row = revision.teams.get(team);
      const allowed = row === undefined ? null : row.models === '*' || row.models.includes(own);
      const labels = matches.map((match) => Object.keys(match.labels).map((label) => row?.labels[label] ?? null));
      return [allowed, labels, matches.map((match) => match.teams === '*' || match.teams.includes(team))];
    });
    return JSON.stringify([team === ANONYMOUS, treatment]);
  });
  return [...groups.values()];
}

/** Every model by its own name, and the aliases that mean another model, or nothing, in one of the two. */
function askableNames(base: Revision, head: Revision): string[] {
  return namesOf(base.names, head.names).filter((name) => {
    const isOwnName = base.models.has(name) || head.models.has(name);
    return isOwnName || base.names.get(name) !== head.names.get(name);
  });
}

type Condition = Omit<RequestClass, 'team' | 'model'>;

function conditionsOf(base: Revision, head: Revision, model: string): Condition[] {
  const slices = [reachOf(base, model), reachOf(head, model)];
  const headers = distinct([{}, ...slices.flatMap(({ routes }) => routes.map(({ match }) => match.headers))]);
  const pools = [...new Set(slices.flatMap(poolsOf))].sort(byCodeUnit);
  const contexts = slices
    .flatMap(({ models }) => [...models.values()].map(({ contextTokens }) => contextTokens))
    .filter((tokens) => tokens >= PROMPT_TOKENS);
  const sizes = [...new Set([PROMPT_TOKENS, ...contexts.flatMap((tokens) => [tokens, tokens + 1])])];
  const conditions: Condition[] = [];
  for (const down of failureSets(pools)) {
    for (const needs of NEEDS) {
      for (const promptTokens of needs.length === 0 ? sizes : [PROMPT_TOKENS]) {
        for (const header of headers) conditions.push({ headers: header, needs, promptTokens, down });
      }
    }
  }
  return conditions;
}

function failureSets(pools: readonly string[]): (readonly string[])[] {
  if (pools.length > POOLS_ALL_SUBSETS_MAX) return [[], ...pools.map((pool) => [pool]), pools];
  const subsets: string[][] = [[]];
  for (const pool of pools) subsets.push(...subsets.map((set) => [...set, pool]));
  return subsets.sort((left, right) => left.length - right.length);
}

function namesOf(base: ReadonlyMap<string, unknown>, head: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...base.keys(), ...head.keys()])].sort(byCodeUnit);
}

function distinct<T extends object>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [canonicalJson(value as unknown as Json), value])).values()];
}
