import { present } from '../../core/base/assert.ts';
import type { Digest } from '../../core/base/digest.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostics/diagnostic.ts';
import type { FleetResources } from '../../core/envoy/compile-fleet.ts';
import type { Origin } from '../../core/ir/origin.ts';

/** A NACK: the resources of a fleet that one of its proxies refused, and what it said. */
export interface RefusedResources {
  readonly digest: Digest;
  readonly fleet: string;
  readonly node: string;
  readonly typeUrl: string;
  readonly names: readonly string[];
  readonly message: string;
}

/** The resources of one fleet, by its `node.cluster`. */
interface CompiledFleet {
  readonly cluster: string;
  readonly resources: FleetResources;
}

/** From which lines the resources of the last revisions come. */
export interface RefusalPlaces {
  readonly remember: (digest: Digest, compiled: readonly CompiledFleet[]) => void;
  readonly explain: (refused: RefusedResources) => Diagnostic[];
}

/** Revisions whose resources are remembered for their places: the live one, the one before and the one on its way. */
const REMEMBERED_MAX = 4;

export function createRefusalPlaces(): RefusalPlaces {
  const revisions = new Map<Digest, readonly CompiledFleet[]>();
  return {
    remember: (digest, compiled) => {
      revisions.delete(digest);
      revisions.set(digest, compiled);
      if (revisions.size > REMEMBERED_MAX)
        revisions.delete(present(revisions.keys().next().value, 'the oldest revision'));
    },
    explain: ({ digest, fleet, typeUrl, names, message }) => {
      const compiled = revisions.get(digest)?.find(({ cluster }) => cluster === fleet);
      const resources = compiled?.resources.resources ?? [];
      const refused = resources.filter((resource) => resource.typeUrl === typeUrl && names.includes(resource.name));
      const places = refused.flatMap(({ origins: [first] }) => (first === undefined ? [] : [first]));
      const kind = typeUrl.slice(typeUrl.lastIndexOf('.') + 1);
      if (places.length === 0) return [refusal({ file: '(compiled)', line: 1, column: 1 }, kind, names, message)];
      return places.map((place) => refusal(place, kind, names, message));
    },
  };
}

function refusal(place: Origin, kind: string, names: readonly string[], message: string): Diagnostic {
  const start = { line: place.line, column: place.column };
  const span = { file: place.file, start, end: { line: place.line, column: place.column + 1 } };
  const what = names.length === 0 ? kind : `${kind} ${names.join(', ')}`;
  return diagnostic('HG6001', span, `Envoy refused ${what}: ${message}`);
}
