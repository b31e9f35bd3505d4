import type { XdsNode } from '../../src/core/xds/node.ts';
import { type Resource, resourceOf } from '../../src/core/xds/resource.ts';
import { newStepMemory } from '../../src/core/xds/shared-step.ts';
import { nextSnapshot, type Snapshot } from '../../src/core/xds/snapshot.ts';
import { PushQueue } from '../../src/io/grpc/push-queue.ts';
import type { CallHost, XdsCall } from '../../src/io/grpc/xds-call.ts';
import { namedOnly, nameIn, touched } from './adapter-resource.ts';

/** What one node shall hold: resources by type and name, and the version that each type was given. */
interface Content {
  readonly types: Map<string, Map<string, { readonly given: Uint8Array; readonly touches: number }>>;
  readonly labels: Map<string, string>;
}

interface NodeState {
  /** Undefined while nothing was set, or all was cleared. */
  content: Content | undefined;
  /** Of the last content: streams that stay open go on from it. */
  snapshot: Snapshot | undefined;
  readonly calls: Set<XdsCall>;
}

/** Holds the state of any number of nodes, which is set from outside, and offers it to their streams at once. */
export class AdapterCache implements CallHost {
  readonly controlPlane = 'headgate-adapter';
  readonly steps = newStepMemory();
  readonly pushes = new PushQueue();
  readonly #nodes = new Map<string, NodeState>();

  nowMs(): number {
    return performance.now();
  }

  onNode(call: XdsCall, node: XdsNode): void {
    const state = this.#nodeOf(node.id);
    state.calls.add(call);
    if (state.content !== undefined && state.snapshot !== undefined) call.offer(state.snapshot);
  }

  onReport(): void {
    // What clients answer is theirs to judge.
  }

  onClosed(call: XdsCall): void {
    for (const { calls } of this.#nodes.values()) calls.delete(call);
  }

  /** Replaces all that a node shall hold. Each type that is there, or goes, is given the version. */
  setState(node: string, version: string, resources: readonly { typeUrl: string; value: Uint8Array }[]): void {
    const state = this.#nodeOf(node);
    const content: Content = { types: new Map(), labels: new Map() };
    for (const typeUrl of state.snapshot?.types.keys() ?? []) content.labels.set(typeUrl, version);
    for (const { typeUrl, value } of resources) {
      content.labels.set(typeUrl, version);
      entriesOf(content, typeUrl).set(nameIn(value), { given: value, touches: 0 });
    }
    this.#publish(state, content);
  }

  /** Forgets a node. Its streams stay open and are offered nothing. */
  clearState(node: string): void {
    const state = this.#nodes.get(node);
    if (state === undefined) return;
    state.content = undefined;
    for (const call of state.calls) call.withdraw();
    if (state.calls.size === 0) this.#nodes.delete(node);
  }

  /** Adds a resource that has a name and nothing else. */
  addResource(node: string, typeUrl: string, name: string, version: string): void {
    const state = this.#nodeOf(node);
    const content = state.content ?? { types: new Map(), labels: new Map() };
    entriesOf(content, typeUrl).set(name, { given: namedOnly(name), touches: 0 });
    this.#publish(state, relabelled(content, typeUrl, version));
  }

  /** Changes the bytes of a resource. False where there is none of this name. */
  updateResource(node: string, typeUrl: string, name: string, version: string): boolean {
    const state = this.#nodeOf(node);
    const entry = state.content?.types.get(typeUrl)?.get(name);
    if (state.content === undefined || entry === undefined) return false;
    entriesOf(state.content, typeUrl).set(name, { ...entry, touches: entry.touches + 1 });
    this.#publish(state, relabelled(state.content, typeUrl, version));
    return true;
  }

  /** False where there is none of this name. */
  removeResource(node: string, typeUrl: string, name: string, version: string): boolean {
    const state = this.#nodeOf(node);
    if (state.content?.types.get(typeUrl)?.delete(name) !== true) return false;
    this.#publish(state, relabelled(state.content, typeUrl, version));
    return true;
  }

  #nodeOf(node: string): NodeState {
    const known = this.#nodes.get(node);
    if (known !== undefined) return known;
    const state: NodeState = { content: undefined, snapshot: undefined, calls: new Set() };
    this.#nodes.set(node, state);
    return state;
  }

  #publish(state: NodeState, content: Content): void {
    const resources = new Map([...content.types].map(([typeUrl, entries]) => [typeUrl, resourcesOf(typeUrl, entries)]));
    state.content = content;
    state.snapshot = nextSnapshot(state.snapshot, { revision: '', resources, labels: content.labels });
    for (const call of state.calls) call.offer(state.snapshot);
  }
}

function entriesOf(content: Content, typeUrl: string) {
  const entries = content.types.get(typeUrl) ?? new Map();
  content.types.set(typeUrl, entries);
  return entries;
}

function relabelled(content: Content, typeUrl: string, version: string): Content {
  content.labels.set(typeUrl, version);
  return content;
}

function resourcesOf(
  typeUrl: string,
  entries: ReadonlyMap<string, { readonly given: Uint8Array; readonly touches: number }>,
): Resource[] {
  return [...entries].map(([name, { given, touches }]) =>
    resourceOf(name, touches === 0 ? given : touched(typeUrl, given, touches)),
  );
}
