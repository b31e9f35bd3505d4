import type { Resource } from '../../core/xds/resource.ts';
import { nextSnapshot, type Snapshot } from '../../core/xds/snapshot.ts';
import {
  type FleetContent,
  fleetContent,
  groupContent,
  type Overlay,
  type Publication,
  type SecretResource,
  secretResources,
} from './fleet-content.ts';
import type { XdsCall } from './xds-call.ts';

/** The proxies of one fleet with equal overrides: they share one snapshot. */
interface Group {
  readonly fleet: string;
  readonly overlay: Overlay | undefined;
  readonly calls: Set<XdsCall>;
  snapshot: Snapshot | undefined;
}

export interface GroupSettings {
  readonly secretResource: SecretResource;
  readonly secretVersionKey: Uint8Array;
}

/** What every fleet shall hold, and which calls are to be told when that changes. */
export class FleetGroups {
  readonly #settings: GroupSettings;
  readonly #contents = new Map<string, FleetContent>();
  readonly #groups = new Map<string, Group>();
  #secrets: ReadonlyMap<string, string> = new Map();

  constructor(settings: GroupSettings) {
    this.#settings = settings;
  }

  isPublished(fleet: string): boolean {
    return this.#contents.has(fleet);
  }

  /** Replaces what a fleet shall hold and tells its proxies at once. */
  publish(fleet: string, publication: Publication): void {
    this.#contents.set(fleet, fleetContent(publication, this.#contents.get(fleet)));
    this.#refresh((group) => group.fleet === fleet);
  }

  /** A proxy that comes after this finds no fleet. */
  withdraw(fleet: string): void {
    this.#contents.delete(fleet);
  }

  /** Replaces the values of all secrets and tells the proxies that use one that changed. */
  setSecrets(values: ReadonlyMap<string, string>): void {
    const before = this.#secrets;
    this.#secrets = new Map(values);
    this.#refresh((group) => {
      const names = this.#contents.get(group.fleet)?.publication.secretNames ?? [];
      return names.some((name) => before.get(name) !== values.get(name));
    });
  }

  /** Adds a call to its group, and offers it the group's snapshot if there is one. */
  join(call: XdsCall, fleet: string, overlay: Overlay | undefined): void {
    const key = JSON.stringify([fleet, overlay?.key ?? '']);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { fleet, overlay, calls: new Set(), snapshot: undefined };
      this.#groups.set(key, group);
      const content = this.#contents.get(fleet);
      if (content !== undefined) group.snapshot = this.#nextSnapshot(group, content, this.#secretsOf(content));
    }
    group.calls.add(call);
    if (group.snapshot !== undefined) call.offer(group.snapshot);
  }

  leave(call: XdsCall): void {
    for (const [key, group] of this.#groups) {
      if (group.calls.delete(call) && group.calls.size === 0) this.#groups.delete(key);
    }
  }

  #refresh(isAffected: (group: Group) => boolean): void {
    const secretsByFleet = new Map<string, Resource[]>();
    for (const group of this.#groups.values()) {
      const content = this.#contents.get(group.fleet);
      if (content === undefined || !isAffected(group)) continue;
      const secrets = secretsByFleet.get(group.fleet) ?? this.#secretsOf(content);
      secretsByFleet.set(group.fleet, secrets);
      group.snapshot = this.#nextSnapshot(group, content, secrets);
      for (const call of group.calls) call.offer(group.snapshot);
    }
  }

  #nextSnapshot(group: Group, content: FleetContent, secrets: readonly Resource[]): Snapshot {
    const next = groupContent(content, group.overlay, secrets);
    return nextSnapshot(group.snapshot, next, (typeUrl) => oldestSequence(group.calls, typeUrl));
  }

  #secretsOf(content: FleetContent): Resource[] {
    const { secretResource, secretVersionKey } = this.#settings;
    return secretResources(content.publication.secretNames, this.#secrets, secretResource, secretVersionKey);
  }
}

/** The lowest sequence at which a call of the group stands; calls that hold nothing yet need no history. */
function oldestSequence(calls: Iterable<XdsCall>, typeUrl: string): number {
  let oldest = Number.POSITIVE_INFINITY;
  for (const call of calls) {
    const sequence = call.state?.types.get(typeUrl)?.sequence ?? 0;
    if (sequence > 0 && sequence < oldest) oldest = sequence;
  }
  return oldest;
}
