import { describe, expect, test } from 'vitest';
import { fixtureIr, fixtureRevision, ROUTE, routeDocument } from '../../../test/support/revision-fixture.ts';
import { present } from '../base/assert.ts';
import type { PolicyIndex } from '../policy/policy-index.ts';
import { prove } from './prove.ts';
import { reachText, shortText } from './witness-text.ts';

const EU_ROUTE = routeDocument(
  'chat-eu',
  'match: { models: [ small ], teams: [ "*" ], labels: { residency: eu } }\n  require: { regions: [ eu ] }\n  targets: [ {} ]',
);
const GOLD_ROUTE = routeDocument(
  'gold',
  'match: { models: [ "*" ], teams: [ red ], headers: { x-tier: gold } }\n  targets: [ { model: small, offers: [ cloud ] } ]',
);
const ROUTE_SPEC =
  'match: { models: [ small ], teams: [ "*" ] }\n  targets: [ { offers: [ own ] }, { offers: [ corp, cloud ] } ]';
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
  const { witness } = outcome;
  if (witness.about === 'always') return shortText(witness, loaded.revision);
  const offer = present(loaded.revision.offers.get(witness.place.offer), 'the offer');
  return reachText(witness, offer, proof.rule.kind === 'never' ? proof.rule.offer : {});
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

describe('a rule about headers', () => {
  const gold = 'for: { team: { name: red }, headers: { x-tier: gold } }';
  test.each<[string, string, string]>([
    [
      'finds the route that they lead to',
      `${gold}\n      never: { offer: { provider: cloud } }`,
      'a request of team "red" for "next" with x-tier: gold reaches small/cloud (provider cloud)',
    ],
    [
      'says nothing of other values',
      'for: { team: { name: red }, headers: { x-tier: { not: gold } } }\n      never: { offer: { provider: cloud } }',
      'proved',
    ],
    [
      'is about requests that no other value can be part of',
      'for: { team: { name: red }, headers: { x-tier: silver } }\n      never: { offer: { provider: cloud } }',
      'proved',
    ],
    [
      'holds the first try too',
      `${gold}\n      always: { first: { name: cloud } }`,
      'a request of team "red" for "small" with x-tier: gold gets small/own first (name own), and wants name cloud, while of the pools gpus is up',
    ],
  ])('%s', (_what, rule, outcome) => {
    expect(outcomeOf([EU_ROUTE, GOLD_ROUTE], rule)).toBe(outcome);
  });
});

describe('a rule about the name of an offer', () => {
  test.each<[string, string, string]>([
    ['by itself', 'never: { offer: { name: spare } }', 'proved'],
    [
      'with its model',
      'never: { offer: { model: gpt-small, name: corp } }',
      'a request of team "blue" for "small" reaches small/corp (name corp, model small), when small/own fails',
    ],
    ['of another model', 'never: { offer: { model: next, name: own } }', 'proved'],
    ['of any other model', 'never: { offer: { model: { not: small } } }', 'proved'],
  ])('%s', (_what, rule, outcome) => {
    expect(outcomeOf([ROUTE], `for: {}\n      ${rule}`)).toBe(outcome);
  });
});

describe('a rule about what always is', () => {
  const RED = 'for: { team: { name: red } }';
  const match = 'match: { models: [ small ], teams: [ "*" ] }';
  const PRICED = `${match}\n  targets: [ { offers: [ corp, cloud ], order: price } ]\n  retry: { attempts: 1 }`;
  const BUSY = `${match}\n  targets: [ { offers: [ own ], until: { wait: 2s } }, { offers: [ corp ] } ]`;
  const LOAD = `${match}\n  targets: [ { model: next, offers: [ own, spare ], order: load }, { offers: [ corp ] } ]\n  retry: { attempts: 2 }`;

  test.each<[string, string, string, string]>([
    [
      'a provider stays when all engines are down',
      ROUTE_SPEC,
      `${RED}\n      always: { offer: { region: eu } }`,
      'proved',
    ],
    [
      'engines may all be down',
      ROUTE_SPEC,
      `${RED}\n      always: { offer: { pool: gpus } }`,
      'a request of team "red" for "small" gets small/corp and small/cloud alone, and wants pool gpus, while no pool is up',
    ],
    [
      'the last try',
      ROUTE_SPEC,
      `${RED}\n      always: { last: { provider: cloud }, offer: { provider: corp } }`,
      'proved',
    ],
    [
      'the last try is another one',
      ROUTE_SPEC,
      `${RED}\n      always: { last: { region: eu } }`,
      'a request of team "red" for "small" gets small/cloud last (region us), and wants region eu, while of the pools gpus is up',
    ],
    ['the cheaper one whatever the size', PRICED, `${RED}\n      always: { first: { name: corp } }`, 'proved'],
    [
      'a long queue',
      BUSY,
      `${RED}\n      always: { first: { pool: gpus } }`,
      'a request of team "red" for "small" gets small/corp first (no pool), and wants pool gpus, while of the pools gpus is up, with a wait of 2001 ms at pool gpus',
    ],
    [
      'the shorter queue',
      LOAD,
      `${RED}\n      always: { first: { model: next } }`,
      'a request of team "red" for "small" gets small/corp first (model small), and wants model next, while no pool is up',
    ],
    [
      'nobody is left',
      `${match}\n  targets: [ { offers: [ own ] } ]`,
      `${RED}\n      always: { offer: { name: own } }`,
      'a request of team "red" for "small" finds nobody to serve it, while no pool is up',
    ],
    [
      'a model that the team may not use',
      ROUTE_SPEC,
      'for: { team: { name: blue }, model: next }\n      always: { offer: { region: eu } }',
      'a request of team "blue" for "next" is refused: model-not-allowed',
    ],
    [
      'strangers are served by no route',
      ROUTE_SPEC,
      'for: { team: { name: anonymous } }\n      always: { offer: { region: eu } }',
      'vacuous',
    ],
  ])('%s', (_what, spec, rule, outcome) => {
    expect(outcomeOf([routeDocument('chat', spec)], rule)).toBe(outcome);
  });

  test('a policy that can forbid leaves all others', () => {
    const rule = `${RED}\n      always: { offer: { region: eu } }`;
    expect(outcomeOf([ROUTE], rule, STEERING)).toBe(
      'a request of team "red" for "small" gets small/cloud alone, and wants region eu, while of the pools gpus is up, when a policy forbids what is wanted',
    );
    expect(outcomeOf([EU_ROUTE], rule, STEERING)).toBe('proved');
  });
});
