import type { Resource } from './resource.ts';
import { type Entry, NO_RESOURCES } from './snapshot.ts';
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
export function resourceStatuses(stream: OpenStream): ResourceStatus[] {
  const statuses: ResourceStatus[] = [];
  for (const typeUrl of [...stream.types.keys()].sort()) {
    const state = stream.types.get(typeUrl);
    if (state === undefined) continue;
    const { entries } = stream.snapshot?.types.get(typeUrl) ?? NO_RESOURCES;
    const all = state.subscription.wildcard ? entries.keys() : [];
    const unanswered = new Set(state.pending.flatMap(({ sent }) => sent.map((each) => each.name)));
    for (const name of [...new Set([...all, ...state.subscription.names])].sort()) {
      const entry = entries.get(name);
      if (entry?.resource === undefined && !state.subscription.names.has(name)) continue;
      const status = unanswered.has(name) ? 'stale' : statusOf(state, name, entry);
      const rejection = status === 'error' ? state.rejection : undefined;
      statuses.push({ typeUrl, name, status, resource: entry?.resource, rejection });
    }
  }
  return statuses;
}

function statusOf(state: TypeState, name: string, entry: Entry | undefined): ResourceStatus['status'] {
  const wanted = entry?.resource?.version;
  if (wanted === undefined) return 'not-sent';
  if (state.refused.get(name)?.version === wanted) return 'error';
  const held = heldBy(state, name, entry);
  return held.kind === 'version' && held.version === wanted ? 'synced' : 'not-sent';
}
