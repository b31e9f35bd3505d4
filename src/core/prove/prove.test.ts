import { describe, expect, test } from 'vitest';
import { fixtureIr, fixtureRevision, ROUTE, routeDocument } from '../../../test/support/revision-fixture.ts';
import { present } from '../base/assert.ts';
import type { PolicyIndex } from '../policy/policy-index.ts';
import { prove } from './prove.ts';
import { witnessText } from './witness-text.ts';

const EU_ROUTE = routeDocument(
  'chat-eu',
  'match: { models: [ small ], teams: [ "*" ], labels: { residency: eu } }\n  require: { regions: [ eu ] }\n  targets: [ {} ]',
);
const GOLD_ROUTE = routeDocument(
  'gold',
  'match: { models: [ "*" ], teams: [ red ], headers: { x-tier: gold } }\n  targets: [ { model: small, offers: [ cloud ] } ]',
);
const GUARDRAIL =
  'apiVersion: headgate.dev/v1\nkind: Guardrail\nmetadata: { name: g }\nspec: { package: fixture, stages: [ request ] }';
const STEERING = { g: { source: `sha256:${'0'.repeat(64)}`, rules: ['route'], reads: [], places: [] } } as const;
const OUTSIDE_EU = 'never: { offer: { region: { not: eu } } }';

/** What becomes of a rule in a tree with these routes: `proved`, `vacuous`, or the witness in words. */
function outcomeOf(routes: readonly string[], rule: string, guardrails: PolicyIndex['guardrails'] = {}): string {
  const head = 'apiVersion: headgate.dev/v1\nkind: Test\nmetadata: { name: t }\nspec:\n  prove:\n    - name: r\n      ';
  const parts = { routes, documents: [GUARDRAIL, `${head}${rule}`] };
  const loaded = fixtureRevision(parts);
  const proof = present(fixtureIr(parts).proofs[0], 'the rule');
  const outcome = prove(loaded, { guardrails }, proof);
  if (!('witness' in outcome)) return outcome.kind;
  const offer = present(loaded.revision.offers.get(outcome.witness.place.offer), 'the offer');
  return witnessText(outcome.witness, offer, proof.never);
}

describe('a rule about some callers', () => {
  test.each<[string, readonly string[], string, string]>([
    [
      'fails by the route of all teams',
      [ROUTE],
      `for: { team: { labels: { residency: eu } } }\n      ${OUTSIDE_EU}`,
      'a request of team "red" for "small" reaches small/cloud (region us), when small/own and small/corp fail',
    ],
    [
      'holds by a route of their own',
      [ROUTE, EU_ROUTE],
      `for: { team: { labels: { residency: eu } } }\n      ${OUTSIDE_EU}`,
      'proved',
    ],
    [
      'says nothing of the others',
      [ROUTE, EU_ROUTE],
      `for: { team: { name: blue } }\n      ${OUTSIDE_EU}`,
      'a request of team "blue" for "small" reaches small/cloud (region us), when small/own and small/corp fail',
    ],
    [
      'fails by a header',
      [EU_ROUTE, GOLD_ROUTE],
      `for: { team: { name: red } }\n      ${OUTSIDE_EU}`,
      'a request of team "red" for "next" with x-tier: gold reaches small/cloud (region us)',
    ],
    [
      'is about a model',
      [EU_ROUTE, GOLD_ROUTE],
      `for: { team: { name: blue }, model: gpt-small }\n      ${OUTSIDE_EU}`,
      'proved',
    ],
    ['is about strangers', [ROUTE], `for: { team: { name: anonymous } }\n      ${OUTSIDE_EU}`, 'proved'],
    ['is about nobody', [ROUTE], `for: { team: { labels: { residency: mars } } }\n      ${OUTSIDE_EU}`, 'vacuous'],
  ])('%s', (_what, routes, rule, outcome) => {
    expect(outcomeOf(routes, rule)).toBe(outcome);
  });
});

describe('what must happen is told', () => {
  const match = 'match: { models: [ small ], teams: [ "*" ] }';

  test.each<[string, string, string, string]>([
    [
      'pools are down',
      'targets: [ { offers: [ own ] }, { offers: [ cloud ] } ]\n  retry: { attempts: 1 }',
      'for: {}\n      never: { offer: { provider: cloud } }',
      'a request of team "blue" for "small" reaches small/cloud (provider cloud), while no other pool is up',
    ],
    [
      'the wait is long',
      'targets: [ { offers: [ own ], until: { wait: 2s } }, { model: next, offers: [ own ] } ]\n  retry: { attempts: 1 }',
      'for: { team: { name: red } }\n      never: { offer: { pool: gpus, retention: zero } }',
      'a request of team "red" for "small" reaches small/own (retention zero, pool gpus)',
    ],
    [
      'the prices of a request decide',
      'targets: [ { offers: [ corp, cloud ], order: price } ]\n  retry: { attempts: 1 }',
      'for: {}\n      never: { offer: { provider: cloud } }',
      'proved',
    ],
    [
      'the first model lacks something',
      'targets: [ { offers: [ corp ] }, { model: next, offers: [ spare ] } ]\n  retry: { attempts: 1 }',
      'for: { team: { name: red } }\n      never: { offer: { pool: spare } }',
      'a request of team "red" for "small" that needs jsonSchema reaches next/spare (pool spare)',
    ],
  ])('%s', (_what, lines, rule, outcome) => {
    expect(outcomeOf([routeDocument('chat', `${match}\n  ${lines}`)], rule)).toBe(outcome);
  });

  test('a policy that can forbid leaves an offer alone', () => {
    const route = routeDocument(
      'chat',
      `${match}\n  targets: [ { offers: [ corp ] }, { offers: [ cloud ] } ]\n  retry: { attempts: 1 }`,
    );
    const rule = 'for: {}\n      never: { offer: { provider: cloud } }';
    expect(outcomeOf([route], rule)).toBe('proved');
    expect(outcomeOf([route], rule, STEERING)).toBe(
      'a request of team "blue" for "small" reaches small/cloud (provider cloud), when a policy forbids every other offer',
    );
  });
});
