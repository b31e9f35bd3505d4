import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeciderCall } from '../../io/bundles/bundle-server.ts';
import { DeciderRegistration } from './decider-registration.ts';

let folder: string;
let registration: DeciderRegistration;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-registration-'));
  registration = new DeciderRegistration({
    stateDirectory: folder,
    standing: () => ({ live: undefined, candidate: undefined }),
    required: () => [],
    named: () => [],
    counts: { take: () => undefined },
    isSecure: true,
    publish: () => undefined,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
});
afterEach(async () => {
  await registration.saved();
  rmSync(folder, { recursive: true });
});

/** A call of the decider `a` with this certificate, and why it was ended. */
function callWith(certificateNames: string): { call: DeciderCall; ends: string[] } {
  const ends: string[] = [];
  const hello = { decider: 'a', instance: certificateNames, address: '10.0.0.1:18001', version: '1' };
  const call = { hello, peer: '', certificateNames, tell: () => undefined, end: (why: string) => void ends.push(why) };
  return { call, ends };
}

const OWN = 'URI:spiffe://example.com/decider/a';

test('a name is taken over by nobody with another certificate, while it is known', () => {
  const [own, other, again] = [callWith(OWN), callWith('URI:spiffe://example.com/decider/b'), callWith(OWN)];
  registration.joined(own.call);
  registration.joined(other.call);
  registration.gone(other.call, 'refused');
  expect([own.ends, other.ends, registration.status().map(({ state }) => state)]).toEqual([
    ...[[], ['the name is that of a decider with another certificate'], ['asked']],
  ]);
  // Also not while it is away, and its own certificate does.
  registration.gone(own.call, 'restarted');
  const late = callWith(other.call.certificateNames);
  registration.joined(late.call);
  registration.joined(again.call);
  expect([late.ends.length, again.ends]).toEqual([1, []]);
});

test('a name that a decider gave up is free', () => {
  const [own, other] = [callWith(OWN), callWith('URI:spiffe://example.com/decider/b')];
  registration.joined(own.call);
  registration.leaving(own.call);
  registration.gone(own.call, 'ended');
  registration.joined(other.call);
  expect(other.ends).toEqual([]);
});
