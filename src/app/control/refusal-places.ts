import { present } from '../../core/base/assert.ts';
import type { Digest } from '../../core/base/digest.ts';
import { type Diagnostic, diagnostic, type Span } from '../../core/diagnostics/diagnostic.ts';
import type { FleetResources } from '../../core/envoy/compile-fleet.ts';
import { changedOrigins, originKey } from '../../core/ir/changed-origins.ts';
import type { Ir } from '../../core/ir/ir.ts';
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

/** A revision as it was compiled. */
interface CompiledRevision {
  readonly ir: Ir;
  /** The resources of each fleet, by its `node.cluster`. */
  readonly fleets: readonly { readonly cluster: string; readonly resources: FleetResources }[];
  /** What served when it came. */
  readonly before: Ir | undefined;
}

/** From which lines the resources of the last revisions come. */
export interface RefusalPlaces {
  readonly remember: (digest: Digest, revision: CompiledRevision) => void;
  readonly explain: (refused: RefusedResources) => Diagnostic[];
}

/** Revisions whose resources are remembered for their places: the live one, the one before and the one on its way. */
const REMEMBERED_MAX = 4;
/** Lines that one refusal names: a commit that changes more than these at once is read whole anyhow. */
const PLACES_MAX = 5;

export function createRefusalPlaces(): RefusalPlaces {
  const revisions = new Map<Digest, CompiledRevision>();
  return {
    remember: (digest, revision) => {
      // What came again while it served already differs from what served when it came first.
      const { before } = revisions.get(digest) ?? revision;
      revisions.delete(digest);
      revisions.set(digest, { ...revision, before });
      if (revisions.size > REMEMBERED_MAX)
        revisions.delete(present(revisions.keys().next().value, 'the oldest revision'));
    },
    explain: (refused) => {
      const revision = revisions.get(refused.digest);
      const places = revision === undefined ? [] : placesOf(revision, refused);
      if (places.length === 0) return [refusal([{ file: '(compiled)', line: 1, column: 1 }], refused)];
      return places.map((each) => refusal(each, refused));
    },
  };
}

/** The lines of each refused resource. Of one that is made of many documents those that changed come into question. */
function placesOf({ ir, fleets, before }: CompiledRevision, { fleet, typeUrl, names }: RefusedResources): Origin[][] {
  const { resources } = fleets.find(({ cluster }) => cluster === fleet)?.resources ?? { resources: [] };
  const refused = resources.filter((resource) => resource.typeUrl === typeUrl && names.includes(resource.name));
  const changed = before === undefined ? new Set<string>() : changedOrigins(before, ir);
  return refused.flatMap(({ origins }) => {
    const suspects = origins.filter((origin) => changed.has(originKey(origin)));
    const places = suspects.length > 0 ? suspects.slice(0, PLACES_MAX) : origins.slice(0, 1);
    return places.length === 0 ? [] : [places];
  });
}

function refusal([first, ...others]: readonly Origin[], { typeUrl, names, message }: RefusedResources): Diagnostic {
  const kind = typeUrl.slice(typeUrl.lastIndexOf('.') + 1);
  const what = names.length === 0 ? kind : `${kind} ${names.join(', ')}`;
  const place = spanOf(present(first, 'a place'));
  const related = others.map((other) => ({ message: 'or here: it changed too', span: spanOf(other) }));
  return diagnostic('HG6001', place, `Envoy refused ${what}: ${message}`, { related });
}

function spanOf({ file, line, column }: Origin): Span {
  return { file, start: { line, column }, end: { line, column: column + 1 } };
}
