import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodesOfWave, type WaveNode, waveText } from './waves.ts';

function proxies(...names: string[]): WaveNode[] {
  return names.map((node) => ({ node, labels: node.startsWith('canary') ? { ring: 'canary' } : {} }));
}

const NOBODY: ReadonlySet<string> = new Set();

test.each([
  ['a number of proxies', { kind: 'count', proxies: 2 } as const, NOBODY, 2],
  ['no more than there are', { kind: 'count', proxies: 9 } as const, NOBODY, 4],
  ['a share, rounded up', { kind: 'share', share: 0.3 } as const, NOBODY, 2],
  ['those of the wave before it included', { kind: 'count', proxies: 2 } as const, new Set(['b']), 2],
  ['those that went away count', { kind: 'count', proxies: 2 } as const, new Set(['gone', 'also-gone']), 2],
])('a wave takes %s', (_, wave, before, size) => {
  const nodes = nodesOfWave(wave, proxies('a', 'b', 'c', 'd'), before);
  expect(nodes === 'all' ? nodes : [nodes.size, new Set([...nodes, ...before]).size]).toEqual([size, size]);
});

test('a wave by labels takes all that have them', () => {
  const wave = { kind: 'labels', labels: { ring: 'canary' } } as const;
  expect(nodesOfWave(wave, proxies('a', 'canary-1', 'canary-2'), new Set(['a']))).toEqual(
    new Set(['a', 'canary-1', 'canary-2']),
  );
});

test('the whole share is all, those that come later included', () => {
  expect(nodesOfWave({ kind: 'share', share: 1 }, [], NOBODY)).toBe('all');
});

test('the order in which proxies connect does not matter', () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { maxLength: 20 });
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 20 }), (nodes, count) => {
      const wave = { kind: 'count', proxies: count } as const;
      const backwards = nodesOfWave(wave, proxies(...nodes.toReversed()), NOBODY);
      expect(nodesOfWave(wave, proxies(...nodes), NOBODY)).toEqual(backwards);
    }),
  );
});

test('a wave is told as users write it', () => {
  expect([
    waveText({ kind: 'count', proxies: 2 }),
    waveText({ kind: 'share', share: 0.125 }),
    waveText({ kind: 'labels', labels: { ring: 'canary', zone: 'a' } }),
  ]).toEqual(['2', '12.5%', 'ring=canary,zone=a']);
});
