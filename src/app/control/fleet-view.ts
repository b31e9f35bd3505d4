import type { ProxyStatus as XdsProxyStatus } from '../../io/grpc/xds-events.ts';
import type { RefusedIdentity } from './node-identities.ts';

/** GET /fleet: who is connected, by what each decides, and who keeps a fleet from being done. */
export interface FleetView {
  /** By name. */
  readonly fleets: readonly FleetSummary[];
  /** Those that were asked for, up to the limit: who needs somebody first, then by node id. */
  readonly proxies: readonly ProxyView[];
  /** How many were asked for, shown or not. */
  readonly matching: number;
  /** The latest first; absent while nobody was turned away. */
  readonly refusedIdentities?: readonly RefusedIdentity[];
}

export interface FleetSummary {
  /** The `node.cluster` of its proxies. */
  readonly fleet: string;
  readonly proxies: number;
  /** How many are in which state; absent states have none. */
  readonly states: { readonly [state in ProxyState]?: number };
  /** What the proxies have acknowledged, the most frequent first; without a digest those that have nothing yet. */
  readonly revisions: readonly RevisionShare[];
  /** The most frequent first. */
  readonly versions: readonly VersionShare[];
}

export interface RevisionShare {
  readonly digest?: string;
  readonly commit?: string;
  readonly mark?: RevisionMarkName;
  readonly proxies: number;
}

export interface VersionShare {
  readonly version: string;
  readonly proxies: number;
}

/** What a revision is to the control plane now; one that is neither has gone. */
type RevisionMarkName = 'live' | 'candidate';

/** `current` has what it is offered, `straggler` not yet, `refusing` said no to a part of it, `held` is offered nothing. */
export type ProxyState = 'current' | 'straggler' | 'refusing' | 'held';

/** In the order of what an operator wants to see. */
export const PROXY_STATES: readonly ProxyState[] = ['refusing', 'held', 'straggler', 'current'];

export interface ProxyView {
  readonly node: string;
  readonly fleet: string;
  readonly state: ProxyState;
  readonly peer: string;
  readonly version: string;
  readonly connectedAtMs: number;
  readonly pushed: { readonly responses: number; readonly resources: number; readonly bytes: number };
  readonly offered?: string;
  readonly acknowledged?: string;
  /** Why nothing is served to it. */
  readonly held?: string;
  /** What it last said no to, by type; the latest first. */
  readonly refusals: readonly RefusalView[];
}

export interface RefusalView {
  /** `Listener`, `Cluster` ... */
  readonly kind: string;
  readonly names: readonly string[];
  readonly message: string;
  readonly atMs: number;
  readonly digest: string;
  /** Whether it still stands between the proxy and what it is offered. */
  readonly stands: boolean;
  /** `models/eu.yaml:31`: the lines that the resources come from, where they are known. */
  readonly places: readonly string[];
}

/** What GET /fleet was asked for; an absent field leaves nothing out. */
export interface FleetQuery {
  readonly fleet?: string;
  readonly node?: string;
  readonly state?: ProxyState;
  readonly limit: number;
}

export interface FleetFacts {
  readonly proxies: readonly XdsProxyStatus[];
  readonly live: { readonly digest: string; readonly commit: string } | undefined;
  readonly candidate: { readonly digest: string; readonly commit: string } | undefined;
  /** The lines from which refused resources come. */
  readonly placesOf: (refused: RefusedType) => readonly string[];
  readonly refusedIdentities: readonly RefusedIdentity[];
}

export interface RefusedType {
  readonly digest: string;
  readonly fleet: string;
  readonly node: string;
  readonly typeUrl: string;
  readonly names: readonly string[];
  readonly message: string;
}

export function fleetView(facts: FleetFacts, query: FleetQuery): FleetView {
  const inFleet = facts.proxies.filter(({ fleet }) => query.fleet === undefined || fleet === query.fleet);
  const asked = inFleet.filter(
    (proxy) =>
      (query.node === undefined || proxy.node === query.node) &&
      (query.state === undefined || stateOf(proxy) === query.state),
  );
  return {
    fleets: [...Map.groupBy(inFleet, ({ fleet }) => fleet ?? '')]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([fleet, proxies]) => summary(fleet, proxies, facts)),
    proxies: byNeed(asked)
      .slice(0, query.limit)
      .map((proxy) => proxyView(proxy, facts)),
    matching: asked.length,
    ...(facts.refusedIdentities.length === 0 ? {} : { refusedIdentities: facts.refusedIdentities }),
  };
}

/** In the order of the states; within one as they came. */
function byNeed(proxies: readonly XdsProxyStatus[]): XdsProxyStatus[] {
  const byState = Map.groupBy(proxies, stateOf);
  return PROXY_STATES.flatMap((state) => byState.get(state) ?? []);
}

export function stateOf(proxy: XdsProxyStatus): ProxyState {
  if (proxy.held !== undefined) return 'held';
  if (proxy.types.some(({ refused }) => refused.length > 0)) return 'refusing';
  return proxy.offered !== undefined && proxy.fullyAcknowledged === proxy.offered ? 'current' : 'straggler';
}

function summary(fleet: string, proxies: readonly XdsProxyStatus[], facts: FleetFacts): FleetSummary {
  const states = Map.groupBy(proxies, stateOf);
  return {
    fleet,
    proxies: proxies.length,
    states: Object.fromEntries(
      PROXY_STATES.flatMap((state) => [[state, states.get(state)?.length ?? 0] as const]).filter(
        ([, count]) => count > 0,
      ),
    ),
    revisions: byFrequency(proxies.map(({ fullyAcknowledged }) => fullyAcknowledged ?? '')).map(([digest, count]) => ({
      ...(digest === '' ? {} : { digest, ...markOf(digest, facts) }),
      proxies: count,
    })),
    versions: byFrequency(proxies.map(({ version }) => version)).map(([version, count]) => ({
      version,
      proxies: count,
    })),
  };
}

function markOf(digest: string, { live, candidate }: FleetFacts): Pick<RevisionShare, 'commit' | 'mark'> {
  if (digest === live?.digest) return { commit: live.commit, mark: 'live' };
  if (digest === candidate?.digest) return { commit: candidate.commit, mark: 'candidate' };
  return {};
}

function byFrequency(values: readonly string[]): [string, number][] {
  const counts = [...Map.groupBy(values, (value) => value)].map(([value, all]): [string, number] => [
    value,
    all.length,
  ]);
  return counts.sort(([left, more], [right, less]) => less - more || (left < right ? -1 : 1));
}

function proxyView(proxy: XdsProxyStatus, facts: FleetFacts): ProxyView {
  const { offered, fullyAcknowledged, held } = proxy;
  return {
    node: proxy.node,
    fleet: proxy.fleet ?? '',
    state: stateOf(proxy),
    peer: proxy.peer,
    version: proxy.version,
    connectedAtMs: proxy.connectedAtMs,
    pushed: proxy.pushed,
    ...(offered === undefined ? {} : { offered }),
    ...(fullyAcknowledged === undefined ? {} : { acknowledged: fullyAcknowledged }),
    ...(held === undefined ? {} : { held }),
    refusals: refusals(proxy, facts),
  };
}

function refusals(proxy: XdsProxyStatus, { placesOf }: FleetFacts): RefusalView[] {
  const found = proxy.types.flatMap(({ typeUrl, rejection, refused }): RefusalView[] => {
    if (rejection === undefined) return [];
    const { revision: digest, names, message, atMs } = rejection;
    const places = placesOf({ digest, fleet: proxy.fleet ?? '', node: proxy.node, typeUrl, names, message });
    const kind = typeUrl.slice(typeUrl.lastIndexOf('.') + 1);
    return [{ kind, names, message, atMs, digest, stands: refused.length > 0, places }];
  });
  return found.sort((left, right) => right.atMs - left.atMs);
}
