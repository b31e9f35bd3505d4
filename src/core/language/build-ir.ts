import { present } from '../base/assert.ts';
import type { Digest } from '../base/digest.ts';
import { perObject, perObjects } from '../base/remember.ts';
import { sortedBy } from '../base/text-order.ts';
import type { Guardrail, PolicyModule } from '../ir/guardrail.ts';
import type { Key, Team } from '../ir/identity.ts';
import type { Fleet, Ir } from '../ir/ir.ts';
import type { Model } from '../ir/model.ts';
import type { Route } from '../ir/route.ts';
import type { Pool, Provider } from '../ir/upstream.ts';
import { buildChangeLimits } from './build-change-limits.ts';
import { buildModel } from './build-model.ts';
import { originOf } from './build-origin.ts';
import { buildProofs } from './build-proofs.ts';
import { buildRollout } from './build-rollout.ts';
import { buildRoute } from './build-route.ts';
import { buildTestCases } from './build-test-cases.ts';
import { buildPool, buildProvider } from './build-upstreams.ts';
import { type Askable, type Catalog, modelNamed } from './catalog.ts';
import type { DocumentOf } from './document.ts';
import { expiryMs } from './expiry.ts';
import type { Kind } from './kinds.ts';
import { sortedNames } from './route-match-of.ts';
import { mostSpecificFirst } from './route-precedence.ts';

/**
 * The model of a tree without errors. Nothing here can fail: what could has been a diagnostic before. What stands for
 * documents that are as they were in the tree before is the same object again, lists of a kind too.
 */
export function buildIr(catalog: Catalog, policies: readonly PolicyModule[]): Ir {
  const { byKind, askable } = catalog;
  return {
    providers: providersOf(byKind.Provider),
    pools: poolsOf(byKind.Pool),
    models: modelsOf(byKind.Model),
    routes: routesOf(byKind.Route, askable),
    guardrails: guardrailsOf(byKind.Guardrail),
    policies: sortedBy(policies, (policy) => policy.path),
    teams: teamsOf(byKind.Team, askable),
    keys: keysOf(byKind.Key),
    fleets: fleetsOf(byKind.Fleet),
    changeLimits: built(byKind.ChangeLimits, buildChangeLimits),
    tests: sortedBy(
      [...byKind.Test.values()].flatMap((test) => buildTestCases(test, catalog)),
      (item) => item.name,
    ),
    proofs: sortedBy(
      [...byKind.Test.values()].flatMap((test) => buildProofs(test, catalog)),
      (item) => item.name,
    ),
  };
}

type DocumentsOf<K extends Kind> = Catalog['byKind'][K];

const providersOf = listOf<'Provider', Provider>(buildProvider);
const poolsOf = listOf<'Pool', Pool>(buildPool);
const modelsOf = listOf<'Model', Model>(buildModel);
const guardrailsOf = listOf<'Guardrail', Guardrail>(buildGuardrail);
const keysOf = listOf<'Key', Key>(buildKey);
const fleetsOf = listOf<'Fleet', Fleet>(buildFleet);

const routeOf = perObjects(buildRoute);
const routesOf = perObjects((routes: DocumentsOf<'Route'>, askable: Askable): readonly Route[] =>
  mostSpecificFirst([...routes.values()].map((route) => routeOf(route, askable))),
);

const teamOf = perObjects(buildTeam);
const teamsOf = perObjects((teams: DocumentsOf<'Team'>, askable: Askable): readonly Team[] =>
  built(teams, (team) => teamOf(team, askable)),
);

/** Builds all documents of a kind that need no other one, each once. */
function listOf<K extends Kind, T extends { readonly name: string }>(build: (document: DocumentOf<K>) => T) {
  const one = perObject(build);
  return perObject((documents: ReadonlyMap<string, DocumentOf<K>>): readonly T[] => built(documents, one));
}

function built<D, T extends { readonly name: string }>(
  documents: ReadonlyMap<string, D>,
  build: (document: D) => T,
): T[] {
  return sortedBy([...documents.values()].map(build), (item) => item.name);
}

function buildGuardrail(document: DocumentOf<'Guardrail'>): Guardrail {
  const { stages, scope, detectors, mode, onError, stream } = document.spec;
  return {
    name: document.name,
    origin: originOf(document),
    package: document.spec.package,
    stages: sortedNames(stages),
    scope: {
      ...(scope.routes === undefined ? {} : { routes: sortedNames(scope.routes) }),
      teams: scope.teams.includes('*') ? '*' : sortedNames(scope.teams),
    },
    detectors: sortedNames(detectors),
    mode,
    onError,
    stream,
  };
}

function buildTeam(document: DocumentOf<'Team'>, askable: Askable): Team {
  const { models } = document.spec;
  return {
    name: document.name,
    origin: originOf(document),
    labels: document.labels,
    models: models.includes('*') ? '*' : sortedNames(models.map((text) => modelNamed({ askable }, text))),
  };
}

function buildKey(document: DocumentOf<'Key'>): Key {
  const { team, hash, expires } = document.spec;
  return {
    name: document.name,
    origin: originOf(document),
    team,
    hash: hash as Digest,
    ...(expires === undefined ? {} : { expiresAtMs: present(expiryMs(expires), 'expiry') }),
  };
}

function buildFleet(document: DocumentOf<'Fleet'>): Fleet {
  const { match, listeners, rollout } = document.spec;
  const listed = listeners.map((listener, index) => ({
    ...listener,
    origin: originOf(document, ['spec', 'listeners', index, 'port']),
  }));
  return {
    name: document.name,
    origin: originOf(document),
    cluster: match.cluster,
    listeners: sortedBy(listed, (listener) => listener.name),
    ...(rollout === undefined ? {} : { rollout: buildRollout(rollout) }),
  };
}
