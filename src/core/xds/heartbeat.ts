import type { Channel } from './channel.ts';
import type { Draft } from './draft.ts';
import { isFullState } from './full-state.ts';
import type { XdsNode } from './node.ts';
import type { Resource } from './resource.ts';
import type { TypeSnapshot } from './snapshot.ts';
import { toldBy } from './sotw-push.ts';
import { isSubscribed } from './subscription.ts';
import { heldBy } from './type-state.ts';

/** What a client says of itself when it understands resources that expire (xDS protocol, "TTL"). */
const EXPIRES = 'xds.config.supports-resource-ttl';
/** And when it understands them in the state-of-the-world variant, where they come wrapped. */
const WRAPPED = 'xds.config.supports-resource-in-sotw';

/** Heartbeats that a delta client may leave unanswered; one of the other variant none, whose older answers are stale. */
const UNANSWERED_MAX = 4;

const NO_BEATS: ReadonlyMap<string, number> = new Map();

/** Whether a client drops resources that are not renewed in time: only then is it told the time (row C13). */
export function understandsExpiry({ variant }: Channel, { features }: XdsNode): boolean {
  return features?.has(EXPIRES) === true && (variant === 'delta' || features.has(WRAPPED));
}

/** A type's resources that expire, and how often they are renewed: twice in the shortest time. */
interface Expiring {
  readonly resources: readonly Resource[];
  readonly everyMs: number;
}

const expiringByType = new WeakMap<TypeSnapshot, Expiring | 'none'>();

function expiringOf(type: TypeSnapshot): Expiring | undefined {
  const known = expiringByType.get(type);
  if (known !== undefined) return known === 'none' ? undefined : known;
  const resources = type.log.flatMap(({ resource }) => (resource?.ttlMs === undefined ? [] : [resource]));
  const everyMs = Math.min(...resources.map(({ ttlMs }) => (ttlMs ?? 0) / 2));
  expiringByType.set(type, resources.length === 0 ? 'none' : { resources, everyMs });
  return resources.length === 0 ? undefined : { resources, everyMs };
}

/** Renews what would expire, and tells when each type is due next. */
export function beat(draft: Draft): ReadonlyMap<string, number> {
  if (!draft.stream.expires) return NO_BEATS;
  const next = new Map<string, number>();
  for (const typeUrl of draft.states.keys()) {
    const expiring = expiringOf(draft.typeOf(typeUrl));
    if (expiring === undefined) continue;
    const dueMs = draft.stream.beats.get(typeUrl) ?? draft.nowMs + expiring.everyMs;
    const isDue = dueMs <= draft.nowMs;
    if (isDue) renew(draft, typeUrl, expiring.resources);
    next.set(typeUrl, isDue ? draft.nowMs + expiring.everyMs : dueMs);
  }
  return next;
}

/** A heartbeat: the resources that the client holds, without their content, in the version that it holds. */
function renew(draft: Draft, typeUrl: string, expiring: readonly Resource[]): void {
  const state = draft.stateOf(typeUrl);
  if (state.pending.length >= (state.sotw === undefined ? UNANSWERED_MAX : 1)) return;
  const { entries } = draft.typeOf(typeUrl);
  const resources = expiring.filter(({ name, version }) => {
    const held = heldBy(state, name, entries.get(name));
    return isSubscribed(state.subscription, name) && held.kind === 'version' && held.version === version;
  });
  if (resources.length === 0) return;
  draft.nonceCount += 1;
  const nonce = `${draft.nonceCount}`;
  // Where a response tells everything, what it leaves out is deleted: then all is sent once more.
  const isWhole = state.sotw !== undefined && isFullState(typeUrl);
  const { gone: _, ...told } = toldBy(draft, typeUrl, { sent: isWhole ? [] : resources, removed: [] });
  draft.replies.push({ typeUrl, nonce, ...told, form: isWhole ? 'expiring' : 'heartbeat' });
  const pending = { nonce, revision: draft.snapshot.revision, sent: [], removed: [], sentAtMs: draft.nowMs };
  const sotw = state.sotw === undefined ? undefined : { ...state.sotw, nonce };
  draft.set(typeUrl, { ...state, sotw, pending: [...state.pending, pending] });
}
