import { expect, test } from 'vitest';
import { refusalOf, requestHeaders } from '../../../test/support/exchange-lab.ts';
import { FIXTURE_HASHES, fixtureRevision, KEYS } from '../../../test/support/revision-fixture.ts';
import type { Digest } from '../../core/base/digest.ts';
import type { LoadedRevision } from '../../core/decide/loaded-revision.ts';
import { createDecider } from './decider.ts';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const [OLD, LIVE, NEXT] = [digest('1'), digest('2'), digest('3')];
const PASSED = [{ kind: 'request-headers' }];

function holding(named: Digest, withBlue: boolean): LoadedRevision {
  const loaded = fixtureRevision();
  const keys = [...loaded.revision.keys].filter(([hash]) => withBlue || hash !== FIXTURE_HASHES.blue);
  return { ...loaded, revision: { ...loaded.revision, digest: named, keys: new Map(keys) } };
}

/** What a caller gets whose proxy names a digest. Blue's key is in the old revision, and in the next one again. */
function asked(named: Digest, key: string, serving: { readonly live: Digest | undefined } = { live: LIVE }) {
  const decider = createDecider({
    onRecord: () => undefined,
    onUnknown: () => undefined,
    standing: () => ({ ...serving, candidate: NEXT }),
  });
  decider.hold(holding(OLD, true));
  decider.hold(holding(LIVE, false));
  decider.hold(holding(NEXT, true));
  const { message } = decider.open({ role: undefined, fleet: undefined, revision: named });
  return message(requestHeaders({ authorization: [`Bearer ${key}`] })).replies;
}

test.each<[string, Digest, string]>([
  ['the live revision knows passes by it', LIVE, KEYS.red],
  ['it knows passes by an older one too', OLD, KEYS.red],
  ['the revision on its way brings passes by that', NEXT, KEYS.blue],
])('a key that %s', (_what, named, key) => {
  expect(asked(named, key)).toEqual(PASSED);
});

test('a key that the live revision revoked passes by no older one', () => {
  expect(refusalOf(asked(OLD, KEYS.blue))).toEqual([1, 'immediate', 401, 'invalid-key']);
});

test('while nothing serves, or what serves is not held, each revision stands for itself', () => {
  const servings = [{ live: undefined }, { live: digest('4') }];
  expect(servings.map((serving) => asked(OLD, KEYS.blue, serving))).toEqual([PASSED, PASSED]);
});
