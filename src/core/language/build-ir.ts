import { present } from '../base/assert.ts';
import type { Digest } from '../base/digest.ts';
import { sortedBy } from '../base/text-order.ts';
import type { Guardrail, PolicyModule } from '../ir/guardrail.ts';
import type { Key, Team } from '../ir/identity.ts';
import type { Fleet, Ir } from '../ir/ir.ts';
import { buildChangeLimits } from './build-change-limits.ts';
import { buildModel } from './build-model.ts';
import { originOf } from './build-origin.ts';
import { buildProofs } from './build-proofs.ts';
import { buildRoute } from './build-route.ts';
import { buildTestCases } from './build-test-cases.ts';
import { buildPool, buildProvider } from './build-upstreams.ts';
import { type Catalog, modelNamed } from './catalog.ts';
import type { DocumentOf } from './document.ts';
import { expiryMs } from './expiry.ts';
import { sortedNames } from './route-match-of.ts';
import { mostSpecificFirst } from './route-precedence.ts';

/** The model of a tree without errors. Nothing here can fail: what could has been a diagnostic before. */
export function buildIr(catalog: Catalog, policies: readonly PolicyModule[]): Ir {
  const { byKind } = catalog;
  return {
    providers: built(byKind.Provider, buildProvider),
    pools: built(byKind.Pool, buildPool),
    models: built(byKind.Model, buildModel),
    routes: mostSpecificFirst(built(byKind.Route, (route) => buildRoute(route, catalog))),
    guardrails: built(byKind.Guardrail, buildGuardrail),
    policies: sortedBy(policies, (policy) => policy.path),
    teams: built(byKind.Team, (team) => buildTeam(team, catalog)),
    keys: built(byKind.Key, buildKey),
    fleets: built(byKind.Fleet, buildFleet),
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

function buildTeam(document: DocumentOf<'Team'>, catalog: Catalog): Team {
  const { models } = document.spec;
  return {
    name: document.name,
    origin: originOf(document),
    labels: document.labels,
    models: models.includes('*') ? '*' : sortedNames(models.map((text) => modelNamed(catalog, text))),
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
  const { match, listeners } = document.spec;
  const listed = listeners.map((listener, index) => ({
    ...listener,
    origin: originOf(document, ['spec', 'listeners', index, 'port']),
  }));
  return {
    name: document.name,
    origin: originOf(document),
    cluster: match.cluster,
    listeners: sortedBy(listed, (listener) => listener.name),
  };
}
