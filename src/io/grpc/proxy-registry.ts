import { unreachable } from '../../core/base/assert.ts';
import { byCodeUnit } from '../../core/base/text-order.ts';
import { extensionRefusal, nodeKey, nodeRefusal, nodeVersion, type XdsNode } from '../../core/xds/node.ts';
import { newStepMemory } from '../../core/xds/shared-step.ts';
import type { Doubts, OpenStream, Report } from '../../core/xds/stream.ts';
import { typeStatuses } from '../../core/xds/stream-status.ts';
import { GRPC_STATUS } from '../net/grpc-reply.ts';
import type { StatusClient } from './client-status-methods.ts';
import { DoubtMemory } from './doubt-memory.ts';
import type { Overlay } from './fleet-content.ts';
import type { FleetGroups } from './fleet-groups.ts';
import { PushQueue } from './push-queue.ts';
import { SeparateStreams } from './separate-streams.ts';
import type { CallHost, XdsCall } from './xds-call.ts';
import {
  type ProxyStatus,
  type ServedNode,
  sumOfPushed,
  type XdsEventBody,
  type XdsServerEvent,
} from './xds-events.ts';

/** Which fleet a node belongs to, undefined for none, and its own overrides. */
export interface Placement {
  readonly fleet: string | undefined;
  readonly overlay?: Overlay;
}

export interface RegistryOptions {
  readonly groups: FleetGroups;
  readonly controlPlane: string;
  readonly placeNode: (node: XdsNode) => Placement;
  /** Why this node may not be served over this call, undefined where it may. */
  readonly authorize: (node: XdsNode, call: XdsCall) => string | undefined;
  readonly onEvent: (event: XdsServerEvent) => void;
}

interface Proxy {
  readonly stream: number;
  readonly peer: string;
  readonly node: XdsNode;
  /** Its streams have it in common. */
  readonly key: string;
  readonly connectedAtMs: number;
  readonly service: string | undefined;
  fleet: string | undefined;
  held: string | undefined;
  fullyAcknowledged: string | undefined;
}

/** Far below every time that the machine waits. */
const CLOCK_STEP_MS = 250;

const UNKNOWN_FLEET = 'unknown-fleet';

/** The connected proxies: puts each into its fleet, and turns what the machine reports into events and status. */
export class ProxyRegistry implements CallHost {
  readonly controlPlane: string;
  readonly steps = newStepMemory();
  readonly pushes = new PushQueue();
  readonly #options: RegistryOptions;
  readonly #proxies = new Map<XdsCall, Proxy>();
  readonly #callsByKey = new Map<string, Set<XdsCall>>();
  readonly #doubts = new DoubtMemory();
  readonly #separate = new SeparateStreams<Proxy>();
  #streamCount = 0;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.controlPlane = options.controlPlane;
  }

  /** Does not jump when the clock is set, and reads as a time of day. Coarse, so that what many do at once is equal. */
  nowMs(): number {
    return Math.floor((performance.timeOrigin + performance.now()) / CLOCK_STEP_MS) * CLOCK_STEP_MS;
  }

  onNode(call: XdsCall, node: XdsNode): void {
    const refusal = this.#options.authorize(node, call);
    if (refusal !== undefined) {
      call.end(GRPC_STATUS.permissionDenied, refusal);
      return;
    }
    this.#streamCount += 1;
    const proxy: Proxy = {
      stream: this.#streamCount,
      peer: call.peer,
      node,
      key: nodeKey(node),
      connectedAtMs: Math.floor(this.nowMs()),
      service: call.state?.channel.service,
      fleet: undefined,
      held: undefined,
      fullyAcknowledged: undefined,
    };
    this.#proxies.set(call, proxy);
    this.#callsByKey.set(proxy.key, (this.#callsByKey.get(proxy.key) ?? new Set()).add(call));
    this.#separate.add(proxy.key, proxy);
    call.resume(this.#doubts.take(proxy.key, proxy.service));
    const placement = this.#options.placeNode(node);
    proxy.fleet = placement.fleet;
    this.#tell(proxy, { kind: 'connected', peer: proxy.peer });
    this.#place(call, proxy, placement);
  }

  onReport(call: XdsCall, report: Report): void {
    const proxy = this.#proxies.get(call);
    if (proxy === undefined) return;
    switch (report.kind) {
      case 'subscribed':
        return;
      case 'fully-acknowledged':
        if (this.#separate.acknowledge(proxy.key, proxy, report.revision)) this.#tell(proxy, report);
        return;
      case 'acknowledged': {
        // The most frequent event by far: put together at once.
        const { stream, node, fleet } = proxy;
        const { kind, typeUrl, revision } = report;
        this.#options.onEvent({ stream, node: node.id, fleet, kind, typeUrl, revision });
        return;
      }
      case 'rejected': {
        const { typeUrl, revision, names, message, isolating } = report;
        this.#tell(proxy, { kind: 'rejected', typeUrl, revision, names, message, isolating });
        return;
      }
      case 'gate-expired':
        this.#tell(proxy, report);
        return;
      default:
        unreachable(report);
    }
  }

  onClosed(call: XdsCall, reason: string, doubts: Doubts): void {
    const proxy = this.#proxies.get(call);
    if (proxy === undefined) return;
    this.#proxies.delete(call);
    const others = this.#callsByKey.get(proxy.key);
    if (others?.delete(call) === true && others.size === 0) this.#callsByKey.delete(proxy.key);
    this.#separate.delete(proxy.key, proxy);
    this.#options.groups.leave(call);
    this.#doubts.remember(proxy.key, doubts);
    this.#tell(proxy, { kind: 'disconnected', reason });
  }

  /** Holds and serves anew: a publication may have brought a fleet, or need what a proxy lacks. */
  placeHeld(): void {
    for (const [call, proxy] of this.#proxies) {
      const { held, fleet } = proxy;
      const isHeldAnew = held === undefined && fleet !== undefined && this.#lack(proxy, fleet) !== undefined;
      if (held !== undefined || isHeldAnew) this.#place(call, proxy, this.#options.placeNode(proxy.node));
    }
  }

  /** Cheap enough to be asked after every answer of a proxy: nothing is sorted, and no type is looked at. */
  served(): ServedNode[] {
    const all: ServedNode[] = [];
    const nowMs = this.nowMs();
    for (const [call, proxy] of this.#proxies) {
      const { node, fleet, held, connectedAtMs } = proxy;
      if (this.#separate.shownBy(proxy.key, proxy).length === 0) continue;
      const fullyAcknowledged = this.#separate.agreed(proxy.key, proxy);
      const offered = call.offered;
      if (held !== undefined || fleet === undefined || offered === undefined) continue;
      all.push({
        node: node.id,
        fleet,
        metadata: node.metadata,
        connectedForMs: nowMs - connectedAtMs,
        offered,
        fullyAcknowledged,
      });
    }
    return all;
  }

  /** The revisions that proxies are offered, and that they have acknowledged, held ones too. */
  revisions(): ReadonlySet<string> {
    const all = new Set<string>();
    for (const [call, { fullyAcknowledged }] of this.#proxies) {
      for (const revision of [call.offered, fullyAcknowledged]) if (revision !== undefined) all.add(revision);
    }
    return all;
  }

  /** Every connected node with its streams. */
  clients(): StatusClient[] {
    return [...this.#callsByKey.values()].flatMap((calls) => {
      const [first] = calls;
      const proxy = first && this.#proxies.get(first);
      return proxy === undefined ? [] : [{ node: proxy.node, streams: openStreams(calls) }];
    });
  }

  /** The streams of one node, without a look at the others. */
  streamsOf(node: XdsNode): OpenStream[] {
    return openStreams(this.#callsByKey.get(nodeKey(node)) ?? []);
  }

  status(): ProxyStatus[] {
    const calls = new Map([...this.#proxies].map(([call, proxy]) => [proxy, call]));
    const all = [...this.#proxies.values()].flatMap((proxy): ProxyStatus[] => {
      const streams = this.#separate.shownBy(proxy.key, proxy);
      if (streams.length === 0) return [];
      const states = streams.flatMap((stream) => calls.get(stream)?.state ?? []);
      return [
        {
          stream: proxy.stream,
          node: proxy.node.id,
          fleet: proxy.fleet,
          peer: proxy.peer,
          version: nodeVersion(proxy.node),
          connectedAtMs: proxy.connectedAtMs,
          held: proxy.held,
          offered: calls.get(proxy)?.offered,
          fullyAcknowledged: this.#separate.agreed(proxy.key, proxy),
          pushed: sumOfPushed(streams.flatMap((stream) => calls.get(stream)?.pushed ?? [])),
          types: states.flatMap(typeStatuses),
        },
      ];
    });
    return all.sort((left, right) => byCodeUnit(left.node, right.node) || left.stream - right.stream);
  }

  #place(call: XdsCall, proxy: Proxy, placement: Placement): void {
    const { fleet, overlay } = placement;
    const isKnown = fleet !== undefined && this.#options.groups.isPublished(fleet);
    const held = nodeRefusal(proxy.node) ?? (isKnown ? this.#lack(proxy, fleet) : UNKNOWN_FLEET);
    const isNews = held !== undefined && held !== proxy.held;
    proxy.fleet = fleet;
    proxy.held = held;
    if (isNews) this.#tell(proxy, { kind: 'held', reason: held });
    if (held === undefined && fleet !== undefined) this.#options.groups.join(call, proxy.node, fleet, overlay);
  }

  #lack({ node }: Proxy, fleet: string): string | undefined {
    return extensionRefusal(node, this.#options.groups.lack(fleet, node));
  }

  #tell(proxy: Proxy, what: XdsEventBody): void {
    const { stream, node, fleet } = proxy;
    this.#options.onEvent({ stream, node: node.id, fleet, ...what });
  }
}

function openStreams(calls: Iterable<XdsCall>): OpenStream[] {
  return [...calls].flatMap((call) => call.state ?? []);
}
