import { hash32 } from '../base/rng.ts';
import { byCodeUnit } from '../base/text-order.ts';
import type { RolloutPlan, Wave } from '../ir/rollout-plan.ts';

/** The proxies of a fleet that have a revision: by node id, or all, those that come later included. */
export type WaveNodes = ReadonlySet<string> | 'all';

/** A proxy as a wave looks at it. */
export interface WaveNode {
  readonly node: string;
  /** What its bootstrap calls it. */
  readonly labels: Readonly<Record<string, string>>;
}

/** How a revision reaches a fleet that says nothing of it, or to which it must go at once. */
export const ALL_AT_ONCE: RolloutPlan = {
  waves: [{ kind: 'share', share: 1 }],
  bakeMs: 0,
  requestsMin: 0,
  ackTimeoutMs: Number.POSITIVE_INFINITY,
  gates: { nacks: 0 },
};

/**
 * The proxies that have the revision in a wave: those that had it before, which stay whatever comes and goes, and so many
 * more as it asks for, in the order of a hash of their ids. The same proxies come first with every commit.
 */
export function nodesOfWave(wave: Wave, nodes: readonly WaveNode[], before: ReadonlySet<string>): WaveNodes {
  switch (wave.kind) {
    case 'labels': {
      const { labels } = wave;
      const matching = nodes.filter((node) => hasLabels(node, labels)).map(({ node }) => node);
      return new Set([...before, ...matching]);
    }
    case 'count':
      return withFirst(wave.proxies, nodes, before);
    case 'share':
      return wave.share === 1 ? 'all' : withFirst(Math.ceil(wave.share * nodes.length), nodes, before);
  }
}

/** `2`, `50%` or `ring=canary`: as users write it, on one line. */
export function waveText(wave: Wave): string {
  switch (wave.kind) {
    case 'count':
      return `${wave.proxies}`;
    case 'share':
      return `${Number((wave.share * 100).toFixed(3))}%`;
    case 'labels':
      return Object.entries(wave.labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(',');
  }
}

/** Those that had it and went away count too: else a revision that kills its proxies would go from one to the next. */
function withFirst(count: number, nodes: readonly WaveNode[], before: ReadonlySet<string>): ReadonlySet<string> {
  const missing = count - before.size;
  if (missing <= 0) return before;
  const others = [...new Set(nodes.map(({ node }) => node))].filter((node) => !before.has(node));
  const ranked = others.map((node) => ({ node, rank: hash32(node) }));
  ranked.sort((left, right) => left.rank - right.rank || byCodeUnit(left.node, right.node));
  return new Set([...before, ...ranked.slice(0, missing).map(({ node }) => node)]);
}

function hasLabels({ labels }: WaveNode, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value);
}
