import { sortedBy } from '../base/text-order.ts';
import type { Resource } from './resource.ts';
import { type Entry, NO_RESOURCES, type TypeSnapshot } from './snapshot.ts';
import type { OpenStream } from './stream.ts';
import { heldBy, type Rejection, type TypeState } from './type-state.ts';

/**
 * One resource that a client asked for, as its server sees it (CSDS `ConfigStatus`):
 * - synced: sent and acknowledged; `version` is what the client holds
 * - stale: sent, without an answer yet
 * - error: refused; `rejection` tells when and why
 * - not-sent: it waits for its turn, or does not exist: then there is no `resource`
 */
export interface ResourceStatus {
  readonly typeUrl: string;
  readonly name: string;
  readonly status: 'synced' | 'stale' | 'error' | 'not-sent';
  readonly resource: Resource | undefined;
  readonly rejection: Rejection | undefined;
}

/** Every resource that a stream's client asked for, by name or with all others: by type, then by name. */
export function resourceStatuses({ types, snapshot }: OpenStream): ResourceStatus[] {
  return sortedBy([...types], ([typeUrl]) => typeUrl).flatMap(([typeUrl, state]) =>
    statusesOfType(typeUrl, state, snapshot?.types.get(typeUrl) ?? NO_RESOURCES),
  );
}

function statusesOfType(typeUrl: string, state: TypeState, { entries }: TypeSnapshot): ResourceStatus[] {
  const { wildcard, names } = state.subscription;
  const unanswered = new Set(state.pending.flatMap(({ sent }) => sent.map((each) => each.name)));
  const all = new Set([...(wildcard ? entries.keys() : []), ...names]);
  return [...all].sort().flatMap((name): ResourceStatus[] => {
    const entry = entries.get(name);
    const resource = entry?.resource;
    if (resource === undefined && !names.has(name)) return [];
    const status = unanswered.has(name) ? 'stale' : statusOf(state, name, entry);
    return [{ typeUrl, name, status, resource, rejection: status === 'error' ? state.rejection : undefined }];
  });
}

function statusOf(state: TypeState, name: string, entry: Entry | undefined): ResourceStatus['status'] {
  const wanted = entry?.resource?.version;
  if (wanted === undefined) return 'not-sent';
  if (state.refused.get(name)?.version === wanted) return 'error';
  const held = heldBy(state, name, entry);
  return held.kind === 'version' && held.version === wanted ? 'synced' : 'not-sent';
}
