import { expect, test } from 'vitest';
import { fixtureIr, routeDocument } from '../../../test/support/revision-fixture.ts';
import type { Route } from '../ir/route.ts';
import { mutants } from './mutants.ts';

/** As the language has them. */
const [DEFAULTS] = fixtureIr().routes as [Route];

const ROUTES = [
  routeDocument(
    'eu',
    'match: { models: [ small ], teams: [ "*" ], labels: { residency: eu }, headers: { x-tier: gold } }\n  require: { regions: [ eu ], retention: 30d }\n  targets: [ { offers: [ own ], until: { wait: 2s } }, {} ]',
  ),
  routeDocument(
    'split',
    'match: { models: [ next ], teams: [ "*" ] }\n  targets: [ { split: [ { model: next, offers: [ own ], weight: 9 }, { model: small, offers: [ corp, cloud ], weight: 1 } ] } ]',
  ),
];
const GUARDRAIL =
  'apiVersion: headgate.dev/v1\nkind: Guardrail\nmetadata: { name: g }\nspec: { package: fixture, stages: [ request, response ], detectors: [ secrets, card ] }';

test('every route and guardrail is changed in each way that a test can see, one at a time', () => {
  const ir = fixtureIr({ routes: ROUTES, documents: [GUARDRAIL] });
  expect([...mutants(ir, DEFAULTS)].map(({ what }) => what)).toEqual([
    'route "eu" dropped',
    'route "eu": require.regions dropped',
    'route "eu": require.retention dropped',
    'route "eu": header "x-tier" dropped from the match',
    'route "eu": label "residency" dropped from the match',
    'route "eu": tiers 1 and 2 swapped',
    'route "eu": tier 1: until dropped',
    'route "eu": tier 2: offer "own" dropped',
    'route "eu": tier 2: offer "corp" dropped',
    'route "eu": tier 2: offer "cloud" dropped',
    'route "split" dropped',
    'route "split": tier 1: all weight on arm 1',
    'route "split": tier 1: all weight on arm 2',
    'route "split": tier 1: offer "corp" dropped',
    'route "split": tier 1: offer "cloud" dropped',
    'guardrail "g" dropped',
    'guardrail "g": enforce turned into shadow',
    'guardrail "g": onError: deny turned into allow',
    'guardrail "g": detector "card" dropped',
    'guardrail "g": detector "secrets" dropped',
    'guardrail "g": stage "request" dropped',
    'guardrail "g": stage "response" dropped',
  ]);
});

test('of tries, waits and bodies, what is not the default is dropped', () => {
  const route = routeDocument(
    'chat',
    'match: { models: [ small ], teams: [ "*" ] }\n  targets: [ { offers: [ corp ] } ]\n  retry: { attempts: 5, on: [ reset, connect ] }\n  timeouts: { headers: 3s, total: 20m }\n  body: { max: 1MiB }',
  );
  const told = [...mutants(fixtureIr({ routes: [route] }), DEFAULTS)];
  expect(told.map(({ what, ir }) => [what, ir.routes])).toMatchObject([
    ['route "chat" dropped', []],
    ['route "chat": retry.on "connect" dropped', [{ retry: { attempts: 5, on: ['reset'] } }]],
    ['route "chat": retry.on "reset" dropped', [{ retry: { attempts: 5, on: ['connect'] } }]],
    ['route "chat": retry.attempts 5 turned into 3', [{ retry: { attempts: 3, on: ['connect', 'reset'] } }]],
    ['route "chat": timeouts.headers dropped', [{ timeouts: { headersMs: 10_000, totalMs: 1_200_000 } }]],
    ['route "chat": timeouts.total dropped', [{ timeouts: { headersMs: 3_000, totalMs: 600_000 } }]],
    ['route "chat": body.max dropped', [{ bodyBytesMax: 8_388_608 }]],
  ]);
});

test('a changed tree differs from the tree, and in one place', () => {
  const ir = fixtureIr({ routes: ROUTES, documents: [GUARDRAIL] });
  const [dropped, regions] = mutants(ir, DEFAULTS);
  expect(dropped?.ir).toEqual({ ...ir, routes: ir.routes.slice(1) });
  expect(regions?.ir.routes.map(({ require }) => require)).toEqual([{ retention: '30d' }, {}]);
});
