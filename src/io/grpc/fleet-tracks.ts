import { present } from '../../core/base/assert.ts';
import { missingExtensions, type XdsNode } from '../../core/xds/node.ts';
import { type FleetContent, fleetContent, type Publication } from './fleet-content.ts';

/** What some proxies of a fleet shall hold in place of the others' publication, while it is tried on them. */
export interface Trial {
  readonly publication: Publication;
  /** By node id; `all` where nobody holds the other one any more, those that come included. */
  readonly nodes: ReadonlySet<string> | 'all';
}

/** One of the two contents that a fleet may have at the same time. */
export type Track = 'stable' | 'trial';

export const TRACKS: readonly Track[] = ['stable', 'trial'];

export interface FleetContents {
  readonly stable: FleetContent;
  readonly trial: FleetContent | undefined;
  readonly nodes: Trial['nodes'];
  /** Rises when something changes that no publication brings: the value of a secret of the fleet, what all fleets share. */
  readonly besideEpoch: number;
}

/** A publication that is the same object as before counts as unchanged. */
export function fleetContents(
  publication: Publication,
  trial: Trial | undefined,
  before: FleetContents | undefined,
): FleetContents {
  return {
    stable: contentOf(publication, before),
    trial: trial && contentOf(trial.publication, before),
    nodes: trial?.nodes ?? new Set(),
    besideEpoch: before?.besideEpoch ?? 0,
  };
}

function contentOf(publication: Publication, before: FleetContents | undefined): FleetContent {
  if (before?.stable.publication === publication) return before.stable;
  if (before?.trial?.publication === publication) return before.trial;
  return fleetContent(publication, before?.stable);
}

export function trackOf({ id }: XdsNode, { trial, nodes }: FleetContents): Track {
  return trial !== undefined && (nodes === 'all' || nodes.has(id)) ? 'trial' : 'stable';
}

export function trackContent(track: Track, { stable, trial }: FleetContents): FleetContent {
  return track === 'stable' ? stable : present(trial, 'a trial under way');
}

/** Which extensions a node lacks that the content needs. */
export function lackOf({ extensions }: XdsNode, { publication }: FleetContent): readonly string[] {
  return missingExtensions(extensions, publication.extensions ?? []);
}
