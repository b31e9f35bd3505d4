import { expect, test } from 'vitest';
import { RED } from '../../../test/support/decision-lab.ts';
import { fixtureRevision, routeDocument } from '../../../test/support/revision-fixture.ts';
import { nearRoutes } from './near-routes.ts';

const TARGETS = 'targets: [ { offers: [ own ] } ]';
const { revision } = fixtureRevision({
  routes: [
    routeDocument('every', `match: { models: [ "*" ], teams: [ "*" ] }\n  ${TARGETS}`),
    routeDocument('small', `match: { models: [ small ], teams: [ "*" ] }\n  ${TARGETS}`),
    routeDocument('gold', `match: { models: [ small ], teams: [ "*" ], headers: { x-tier: gold } }\n  ${TARGETS}`),
    routeDocument('us', `match: { models: [ next ], labels: { residency: us } }\n  ${TARGETS}`),
    routeDocument('strangers', `match: { models: [ next ], teams: [ anonymous, blue ] }\n  ${TARGETS}`),
  ],
});

test('a route that nearly served a request is told with what stood between them', () => {
  expect(nearRoutes(revision, RED, 'gpt-small', (name) => ({ 'x-tier': 'tin' })[name])).toEqual([
    { route: 'every', failed: [] },
    { route: 'gold', failed: ['header x-tier is "tin" and not gold'] },
    {
      route: 'strangers',
      failed: ['model small is not among next', 'team red is not among anonymous, blue'],
    },
    { route: 'us', failed: ['model small is not among next', 'label residency is "eu" and not us'] },
  ]);
});

test('a caller without a key is no known team, and a header may be missing', () => {
  const nobody = { team: 'anonymous', labels: {}, models: '*' } as const;
  expect(nearRoutes(revision, nobody, 'small', () => undefined)).toEqual([
    { route: 'strangers', failed: ['model small is not among next'] },
    { route: 'small', failed: ['team anonymous is not among the known teams'] },
    { route: 'every', failed: ['team anonymous is not among the known teams'] },
    {
      route: 'gold',
      failed: ['team anonymous is not among the known teams', 'header x-tier is not there and not gold'],
    },
    {
      route: 'us',
      failed: [
        'model small is not among next',
        'team anonymous is not among the known teams',
        'label residency is not there and not us',
      ],
    },
  ]);
});
