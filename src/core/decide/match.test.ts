import { describe, expect, test } from 'vitest';
import { FIXTURE_HASHES, fixtureRevision, KEY_ENDS_MS, routeDocument } from '../../../test/support/revision-fixture.ts';
import { digestOfText } from '../base/digest.ts';
import type { Result } from '../base/result.ts';
import { type Credential, identify, type Principal } from './identify.ts';
import { matchRoute } from './match.ts';
import type { Refusal } from './refusal.ts';

const TARGETS = 'targets: [ { offers: [ own ] } ]';
const { revision } = fixtureRevision({
  routes: [
    routeDocument('everybody', `match: { models: [ small ], teams: [ "*" ] }\n  ${TARGETS}`),
    routeDocument('blue', `match: { models: [ small ], teams: [ blue ] }\n  ${TARGETS}`),
    routeDocument('gold', `match: { models: [ small ], teams: [ "*" ], headers: { x-tier: gold } }\n  ${TARGETS}`),
    routeDocument('eu', `match: { models: [ next ], teams: [ "*" ], labels: { residency: eu } }\n  ${TARGETS}`),
  ],
});
const open = fixtureRevision({
  routes: [routeDocument('open', `match: { models: [ small ], teams: [ anonymous ] }\n  ${TARGETS}`)],
}).revision;

const red: Principal = { team: 'red', key: 'red-key', labels: { residency: 'eu' }, models: '*' };
const blue: Principal = { team: 'blue', key: 'blue-key', labels: { residency: 'us' }, models: ['small'] };
const stranger: Principal = { team: 'anonymous', labels: {}, models: '*' };

function codeOr<T>(result: Result<T, Refusal>, told: (value: T) => unknown): unknown {
  return result.ok ? told(result.value) : result.error.code;
}

describe('who is asking', () => {
  test.each<[string, Credential, number, unknown]>([
    ['a known key', { kind: 'key', hash: FIXTURE_HASHES.red }, 0, red],
    ['a key of a team with few models', { kind: 'key', hash: FIXTURE_HASHES.blue }, 0, blue],
    ['no key', { kind: 'none' }, 0, stranger],
    ['an unknown key', { kind: 'key', hash: digestOfText('x') }, 0, 'invalid-key'],
    ['what is no key', { kind: 'unreadable' }, 0, 'invalid-key'],
    ['a hash like a member of every object', { kind: 'key', hash: '__proto__' }, 0, 'invalid-key'],
    [
      'a key on its last moment',
      { kind: 'key', hash: FIXTURE_HASHES.expired },
      KEY_ENDS_MS - 1,
      { ...red, key: 'old-key' },
    ],
    ['a key right after it', { kind: 'key', hash: FIXTURE_HASHES.expired }, KEY_ENDS_MS, 'expired-key'],
  ])('%s', (_what, credential, nowMs, expected) => {
    expect(codeOr(identify(revision, credential, nowMs), (principal) => principal)).toEqual(expected);
  });
});

describe('the one route that wins', () => {
  const none: ReadonlyMap<string, string> = new Map();
  const matched = (principal: Principal, model: string, headers = none, from = revision) =>
    codeOr(
      matchRoute(from, principal, model, (name) => headers.get(name)),
      ({ route, model: own }) => [route.name, own],
    );

  test.each<[string, Principal, string, ReadonlyMap<string, string>, unknown]>([
    ['any known team', red, 'small', none, ['everybody', 'small']],
    ['an alias is its model', red, 'gpt-small', none, ['everybody', 'small']],
    ['an exact team before *', blue, 'small', none, ['blue', 'small']],
    ['a header that says so', red, 'small', new Map([['x-tier', 'gold']]), ['gold', 'small']],
    ['another value of that header', red, 'small', new Map([['x-tier', 'Gold']]), ['everybody', 'small']],
    ['a label that the team has', red, 'next', none, ['eu', 'next']],
    ['* is no stranger', stranger, 'small', none, 'missing-key'],
    ['a model outside of the team’s list', blue, 'next', none, 'model-not-allowed'],
    ['a label that the team has not', { ...red, labels: {} }, 'next', none, 'no-route'],
    ['a label that every object has', { ...red, labels: {}, team: 'constructor' }, 'next', none, 'no-route'],
    ['names are case-sensitive', red, 'Small', none, 'unknown-model'],
    ['__proto__', red, '__proto__', none, 'unknown-model'],
    ['toString', red, 'toString', none, 'unknown-model'],
    ['nothing', red, '', none, 'unknown-model'],
  ])('%s', (_what, principal, model, headers, expected) => {
    expect(matched(principal, model, headers)).toEqual(expected);
  });

  test('a stranger is served where a route names him, and a known team is not', () => {
    expect([matched(stranger, 'small', none, open), matched(red, 'small', none, open)]).toEqual([
      ['open', 'small'],
      'no-route',
    ]);
  });

  test.each<[string, Principal, string, string]>([
    ['a near name is told', red, 'smal', 'The model "smal" is not known here. Did you mean "small"?'],
    [
      'one that the team may not use is not',
      blue,
      'nex',
      'The model "nex" is not known here. GET /v1/models lists what there is.',
    ],
    ['a stranger learns no names', stranger, 'smal', 'No API key was shown. Send it as "Authorization: Bearer KEY".'],
    [
      'a long name is cut',
      red,
      'x'.repeat(5_000),
      `The model "${'x'.repeat(100)}" is not known here. GET /v1/models lists what there is.`,
    ],
  ])('the refusal of an unknown model: %s', (_what, principal, model, message) => {
    const result = matchRoute(revision, principal, model, () => undefined);
    expect(result.ok ? undefined : result.error.message).toBe(message);
  });
});
