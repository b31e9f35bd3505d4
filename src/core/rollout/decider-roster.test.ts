import { describe, expect, test } from 'vitest';
import type { Digest } from '../base/digest.ts';
import {
  type DeciderRoster,
  EXPECTED_MS,
  forgetLost,
  hold,
  join,
  lacking,
  leave,
  lose,
  openAddresses,
} from './decider-roster.ts';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const [ONE, TWO] = [digest('1'), digest('2')];
const hello = (decider: string, instance = 'first') => ({
  ...{ decider, instance, address: `10.0.0.${decider}:18001`, version: '1' },
});

/** Two deciders, of which the second holds one digest more. */
const both = hold(hold(join(join(new Map(), hello('1')), hello('2')), '1', [ONE]), '2', [ONE, TWO]);

describe('proxies are sent to', () => {
  const everybody = ['10.0.0.1:18001', '10.0.0.2:18001'];
  const second = ['10.0.0.2:18001'];

  test.each<[string, DeciderRoster, readonly Digest[], readonly string[]]>([
    ['those that hold what is required', both, [ONE], everybody],
    ['nobody who lacks a part of it', both, [ONE, TWO], second],
    ['everybody where nothing is required yet', both, [], everybody],
    ['nobody who leaves', leave(both, '1'), [ONE], second],
    ['one that lost only its connection to us', lose(both, '1', 0), [ONE], everybody],
    ['one that lost it, but not by what it cannot have got', lose(both, '1', 0), [TWO], second],
    ['nobody who left and is gone', lose(leave(both, '1'), '1', 0), [ONE], second],
    ['one that is back as it was', join(lose(both, '1', 0), hello('1')), [ONE], everybody],
    ['nobody who was started again and has not said what it holds', join(both, hello('1', 'again')), [ONE], second],
    ['nobody without an address', hold(join(both, { ...hello('1'), address: '' }), '1', [ONE]), [ONE], second],
    ['one address once', join(both, { ...hello('1'), address: '10.0.0.2:18001' }), [ONE], second],
  ])('%s', (_whom, roster, required, addresses) => {
    expect(openAddresses(roster, required)).toEqual(addresses);
  });
});

test('one that does not come back is forgotten', () => {
  const lost = lose(both, '1', 1_000);
  expect(forgetLost(lost, 1_000 + EXPECTED_MS - 1)).toBe(lost);
  expect([...forgetLost(lost, 1_000 + EXPECTED_MS).keys()]).toEqual(['2']);
});

test('a revision is waited for at those that are connected and have kept up so far', () => {
  expect(lacking(both, TWO, [ONE])).toEqual(['1']);
  expect(lacking(lose(both, '1', 0), TWO, [ONE])).toEqual([]);
  expect(lacking(leave(both, '1'), TWO, [ONE])).toEqual([]);
  expect(lacking(hold(both, '1', []), TWO, [ONE])).toEqual([]);
});

test('what is said of somebody unknown changes nothing', () => {
  expect([hold(both, '3', [ONE]), leave(both, '3'), lose(both, '3', 0)]).toEqual([both, both, both]);
});
