import { unreachable } from '../../core/base/assert.ts';
import { byCodeUnit } from '../../core/base/text-order.ts';
import { extensionRefusal, nodeRefusal, nodeVersion, type XdsNode } from '../../core/xds/node.ts';
import type { Doubts, Report } from '../../core/xds/stream.ts';
import { typeStatuses } from '../../core/xds/stream-status.ts';
import { GRPC_STATUS } from '../net/grpc-reply.ts';
import type { Overlay } from './fleet-content.ts';
import type { FleetGroups } from './fleet-groups.ts';
import type { CallHost, XdsCall } from './xds-call.ts';
import type { ProxyStatus, ServedNode, XdsServerEvent } from './xds-events.ts';

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

/** Proxies whose open questions are remembered after their stream ended. */
const DOUBTFUL_NODES_MAX = 10_000;

interface Proxy {
  readonly stream: number;
  readonly peer: string;
  readonly node: XdsNode;
  readonly connectedAtMs: number;
  fleet: string | undefined;
  held: string | undefined;
  fullyAcknowledged: string | undefined;
}

const UNKNOWN_FLEET = 'unknown-fleet';

/** The connected proxies: puts each into its fleet, and turns what the machine reports into events and status. */
export class ProxyRegistry implements CallHost {
  readonly controlPlane: string;
  readonly #options: RegistryOptions;
  readonly #proxies = new Map<XdsCall, Proxy>();
  readonly #doubts = new Map<string, Doubts>();
  #streamCount = 0;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.controlPlane = options.controlPlane;
  }

  /** Does not jump when the clock is set, and reads as a time of day. */
  nowMs(): number {
    return performance.timeOrigin + performance.now();
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
      connectedAtMs: Date.now(),
      fleet: undefined,
      held: undefined,
      fullyAcknowledged: undefined,
    };
    this.#proxies.set(call, proxy);
    call.resume(this.#doubts.get(node.id) ?? new Map());
    this.#doubts.delete(node.id);
    const placement = this.#options.placeNode(node);
    proxy.fleet = placement.fleet;
    this.#tell(proxy, { kind: 'connected', peer: proxy.peer });
    this.#place(call, proxy, placement);
  }

  onReport(call: XdsCall, report: Report): void {
    const proxy = this.#proxies.get(call);
    if (proxy === undefined) return;
    switch (report.kind) {
      case 'node-identified':
      case 'subscribed':
        return;
      case 'fully-acknowledged':
        proxy.fullyAcknowledged = report.revision;
        this.#tell(proxy, report);
        return;
      case 'acknowledged':
        this.#tell(proxy, { kind: 'acknowledged', typeUrl: report.typeUrl, revision: report.revision });
        return;
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
    this.#options.groups.leave(call);
    if (doubts.size > 0) this.#rememberDoubts(proxy.node.id, doubts);
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
    for (const [call, { node, fleet, held, fullyAcknowledged }] of this.#proxies) {
      const offered = call.state?.snapshot?.revision;
      if (held !== undefined || fleet === undefined || offered === undefined) continue;
      all.push({ node: node.id, fleet, metadata: node.metadata, offered, fullyAcknowledged });
    }
    return all;
  }

  status(): ProxyStatus[] {
    const all = [...this.#proxies].map(
      ([call, proxy]): ProxyStatus => ({
        stream: proxy.stream,
        node: proxy.node.id,
        fleet: proxy.fleet,
        peer: proxy.peer,
        version: nodeVersion(proxy.node),
        connectedAtMs: proxy.connectedAtMs,
        held: proxy.held,
        offered: call.state?.snapshot?.revision,
        fullyAcknowledged: proxy.fullyAcknowledged,
        pushed: call.pushed,
        types: call.state === undefined ? [] : typeStatuses(call.state),
      }),
    );
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

  #rememberDoubts(node: string, doubts: Doubts): void {
    this.#doubts.delete(node);
    this.#doubts.set(node, doubts);
    const [oldest] = this.#doubts.keys();
    if (this.#doubts.size > DOUBTFUL_NODES_MAX && oldest !== undefined) this.#doubts.delete(oldest);
  }

  #tell(proxy: Proxy, what: EventBody): void {
    const { stream, node, fleet } = proxy;
    this.#options.onEvent({ stream, node: node.id, fleet, ...what });
  }
}

type EventBody = XdsServerEvent extends infer Event
  ? Event extends XdsServerEvent
    ? Omit<Event, 'stream' | 'node' | 'fleet'>
    : never
  : never;
