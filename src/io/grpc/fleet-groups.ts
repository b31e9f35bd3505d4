import { present } from '../../core/base/assert.ts';
import type { XdsNode } from '../../core/xds/node.ts';
import { type Resource, resourceOf } from '../../core/xds/resource.ts';
import { nextSnapshot, type Snapshot } from '../../core/xds/snapshot.ts';
import type { OpenStream } from '../../core/xds/stream.ts';
import {
  type FleetContent,
  type FleetResource,
  groupContent,
  type Overlay,
  type Publication,
  type SecretResource,
  secretResources,
} from './fleet-content.ts';
import {
  type FleetContents,
  fleetContents,
  lackOf,
  TRACKS,
  type Track,
  type Trial,
  trackContent,
  trackOf,
} from './fleet-tracks.ts';

/** One stream of a proxy, as far as it is offered snapshots. */
export interface OfferedCall {
  /** The machine's state, undefined once the call ended. */
  readonly state: OpenStream | undefined;
  offer(snapshot: Snapshot): void;
}

/** A snapshot and what it was made of. */
interface Made {
  readonly snapshot: Snapshot;
  readonly content: FleetContent;
  readonly besideEpoch: number;
}

interface Member {
  readonly node: XdsNode;
  readonly group: Group;
  track: Track;
  offered: Snapshot | undefined;
}

/**
 * The proxies of one fleet with equal overrides. Their snapshots are one chain, whichever track they were made for: each
 * knows what the names held at every earlier sequence, so a proxy can go from any to a later one, and is sent what differs.
 */
interface Group {
  readonly key: string;
  readonly fleet: string;
  readonly overlay: Overlay | undefined;
  readonly members: Map<OfferedCall, Member>;
  /** The end of the chain. */
  head: Made | undefined;
  readonly made: Map<Track, Made>;
}

export interface GroupSettings {
  readonly secretResource: SecretResource;
  readonly secretVersionKey: Uint8Array;
}

/** What every fleet shall hold, and which calls are to be told when that changes. */
export class FleetGroups {
  readonly #settings: GroupSettings;
  readonly #fleets = new Map<string, FleetContents>();
  readonly #groups = new Map<string, Group>();
  readonly #members = new Map<OfferedCall, Member>();
  #secrets: ReadonlyMap<string, string> = new Map();
  #shared: ReadonlyMap<string, readonly Resource[]> = new Map();

  constructor(settings: GroupSettings) {
    this.#settings = settings;
  }

  isPublished(fleet: string): boolean {
    return this.#fleets.has(fleet);
  }

  /**
   * Replaces what a fleet shall hold and tells its proxies at once: those of `trial` that publication, all others the
   * first one. A publication that is the same object as before counts as unchanged.
   */
  publish(fleet: string, publication: Publication, trial?: Trial): void {
    this.#fleets.set(fleet, fleetContents(publication, trial, this.#fleets.get(fleet)));
    this.#refresh(fleet);
  }

  /** A proxy that comes after this finds no fleet. */
  withdraw(fleet: string): void {
    this.#fleets.delete(fleet);
  }

  /** Replaces the values of all secrets and tells the proxies that use one that changed. */
  setSecrets(values: ReadonlyMap<string, string>): void {
    const before = this.#secrets;
    this.#secrets = new Map(values);
    for (const [fleet, contents] of this.#fleets) {
      const names = [contents.stable, contents.trial].flatMap((content) => content?.publication.secretNames ?? []);
      if (names.some((name) => before.get(name) !== values.get(name))) this.#renew(fleet, contents);
    }
  }

  /** Replaces what the proxies of every fleet are served beside their publications. No publication may have its names. */
  setShared(resources: readonly FleetResource[]): void {
    const shared = Map.groupBy(resources, ({ typeUrl }) => typeUrl);
    this.#shared = new Map([...shared].map(([typeUrl, list]) => [typeUrl, list.map(versionOf)]));
    for (const [fleet, contents] of this.#fleets) this.#renew(fleet, contents);
  }

  /** Which extensions a node lacks that its fleet's resources need. */
  lack(fleet: string, node: XdsNode): readonly string[] {
    const contents = this.#fleets.get(fleet);
    return contents === undefined ? [] : lackOf(node, trackContent(trackOf(node, contents), contents));
  }

  /** Adds the call of a node to its group, and offers it what it shall hold if there is anything. */
  join(call: OfferedCall, node: XdsNode, fleet: string, overlay: Overlay | undefined): void {
    // A member that was held meanwhile has been offered what it may have already.
    if (this.#members.has(call)) return;
    const key = JSON.stringify([fleet, overlay?.key ?? '']);
    const group = this.#groups.get(key) ?? {
      key,
      fleet,
      overlay,
      members: new Map(),
      head: undefined,
      made: new Map(),
    };
    this.#groups.set(key, group);
    const contents = this.#fleets.get(fleet);
    const track = contents === undefined ? 'stable' : trackOf(node, contents);
    const member: Member = { node, group, track, offered: undefined };
    group.members.set(call, member);
    this.#members.set(call, member);
    if (contents === undefined) return;
    // It holds nothing on this stream yet: any snapshot of its track will do, wherever it stands in the chain.
    const made = group.made.get(track) ?? this.#make(group, track, contents);
    offer(call, member, made);
  }

  leave(call: OfferedCall): void {
    const member = this.#members.get(call);
    if (member === undefined) return;
    this.#members.delete(call);
    const { group } = member;
    group.members.delete(call);
    if (group.members.size === 0) this.#groups.delete(group.key);
  }

  #renew(fleet: string, contents: FleetContents): void {
    this.#fleets.set(fleet, { ...contents, besideEpoch: contents.besideEpoch + 1 });
    this.#refresh(fleet);
  }

  #refresh(fleet: string): void {
    const contents = this.#fleets.get(fleet);
    if (contents === undefined) return;
    for (const group of this.#groups.values()) if (group.fleet === fleet) this.#refreshGroup(group, contents);
  }

  #refreshGroup(group: Group, contents: FleetContents): void {
    const used = new Set<Track>();
    const moved = new Set<Track>();
    for (const member of group.members.values()) {
      const track = trackOf(member.node, contents);
      if (track !== member.track) moved.add(track);
      member.track = track;
      used.add(track);
    }
    for (const track of TRACKS) {
      if (!used.has(track)) {
        group.made.delete(track);
        continue;
      }
      const made = group.made.get(track);
      const isCurrent = made !== undefined && isMadeOf(made, track, contents);
      // Whoever comes from the other track may stand later in the chain than this one's snapshot.
      if (!isCurrent || (moved.has(track) && made !== group.head)) this.#make(group, track, contents);
    }
    for (const [call, member] of group.members) {
      offer(call, member, present(group.made.get(member.track), 'a snapshot of each track in use'));
    }
  }

  /** The end of the chain as it is where it holds this already, else one link more. */
  #make(group: Group, track: Track, contents: FleetContents): Made {
    const content = trackContent(track, contents);
    const { besideEpoch } = contents;
    const isThere = group.head !== undefined && isMadeOf(group.head, track, contents);
    const made =
      group.head !== undefined && isThere
        ? group.head
        : { snapshot: this.#nextSnapshot(group, content), content, besideEpoch };
    group.head = made;
    group.made.set(track, made);
    return made;
  }

  #nextSnapshot(group: Group, content: FleetContent): Snapshot {
    const next = groupContent(content, group.overlay, {
      secrets: this.#secretsOf(content),
      shared: this.#shared,
    });
    return nextSnapshot(group.head?.snapshot, next, (typeUrl) => oldestSequence(group.members, typeUrl));
  }

  #secretsOf(content: FleetContent): Resource[] {
    const { secretResource, secretVersionKey } = this.#settings;
    return secretResources(content.publication.secretNames, this.#secrets, secretResource, secretVersionKey);
  }
}

function versionOf({ name, bytes }: FleetResource): Resource {
  return resourceOf(name, bytes);
}

function isMadeOf(made: Made, track: Track, contents: FleetContents): boolean {
  return made.content === trackContent(track, contents) && made.besideEpoch === contents.besideEpoch;
}

/** A proxy that lacks what the content needs keeps what it serves by. */
function offer(call: OfferedCall, member: Member, { snapshot, content }: Made): void {
  if (member.offered === snapshot || lackOf(member.node, content).length > 0) return;
  member.offered = snapshot;
  call.offer(snapshot);
}

/**
 * The lowest sequence at which a call of the group stands, or will stand when it asks: that of the snapshot that it has,
 * which is older than what it is offered until it is its turn. Calls that hold nothing of the type need no history.
 */
function oldestSequence(members: ReadonlyMap<OfferedCall, Member>, typeUrl: string): number {
  let oldest = Number.POSITIVE_INFINITY;
  for (const call of members.keys()) {
    const { types, snapshot } = call.state ?? {};
    const sequence = types?.get(typeUrl)?.sequence || (snapshot?.types.get(typeUrl)?.sequence ?? 0);
    if (sequence > 0 && sequence < oldest) oldest = sequence;
  }
  return oldest;
}
