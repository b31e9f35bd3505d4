import type { Digest } from '../../core/base/digest.ts';
import { byCodeUnit } from '../../core/base/text-order.ts';
import type { DeciderRoster, RegisteredDecider } from '../../core/rollout/decider-roster.ts';

export const DECIDER_STATES = ['asked', 'behind', 'leaving', 'away'] as const;

/** One decider of its own, as the control plane knows it. */
export interface RemoteDeciderStatus {
  readonly name: string;
  readonly version: string;
  /** Where proxies reach it; empty where none is told of it. */
  readonly address: string;
  /**
   * asked: proxies are sent to it, or would be if it had an address; behind: not before it holds what it lacks; leaving:
   * it ends soon; away: it has no connection to us, and proxies are sent to it for a while yet.
   */
  readonly state: (typeof DECIDER_STATES)[number];
  /** The revisions that it lacks. */
  readonly lacks: readonly string[];
  /** The requests that it told of since it joined this control plane. */
  readonly decided: number;
}

export function remoteDeciderStatuses(
  roster: DeciderRoster,
  required: ReadonlySet<Digest>,
  decidedBy: (decider: string) => number,
): RemoteDeciderStatus[] {
  return [...roster]
    .map(([name, decider]) => {
      const { version, address, held } = decider;
      const lacks = [...required].filter((digest) => !held.has(digest));
      return { name, version, address, state: stateOf(decider, required), lacks, decided: decidedBy(name) };
    })
    .sort((left, right) => byCodeUnit(left.name, right.name));
}

function stateOf(decider: RegisteredDecider, required: ReadonlySet<Digest>): RemoteDeciderStatus['state'] {
  switch (decider.presence.kind) {
    case 'leaving':
      return 'leaving';
    case 'expected':
      return 'away';
    case 'connected':
      return [...required].every((digest) => decider.held.has(digest)) ? 'asked' : 'behind';
  }
}
