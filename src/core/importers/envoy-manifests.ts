import { at, child, items, leaveOut, type Place, passOver, type Source, textOf } from './source-place.ts';

export interface Manifest {
  readonly name: string;
  readonly spec: Place | undefined;
  readonly place: Place;
}

/** The manifests of a file, found by kind and name. Namespaces are not told apart. */
export interface Manifests {
  of(kind: string): readonly Manifest[];
  named(kind: string, name: string | undefined): Manifest | undefined;
  /** The policies of the kind whose `targetRefs` (or `targetRef`) name the thing. */
  targeting(kind: string, target: string): readonly Manifest[];
}

/** The kinds that are read; of a Secret only that it is there. */
const KINDS = [
  'AIGatewayRoute',
  'AIServiceBackend',
  'BackendSecurityPolicy',
  'Gateway',
  'Backend',
  'BackendTLSPolicy',
  'BackendTrafficPolicy',
];

export function manifestsOf(source: Source): Manifests {
  const byKind = new Map<string, Manifest[]>();
  const targets = new Map<Manifest, string[]>();
  for (const place of source.documents) {
    const kind = textOf(child(source, place, 'kind')) ?? 'no kind';
    if (!KINDS.includes(kind)) {
      leaveOut(source, place, kind === 'Secret' ? SECRET : `documents of the kind ${kind} have no counterpart`);
      continue;
    }
    const name = textOf(at(source, place, 'metadata', 'name')) ?? '';
    for (const key of ['apiVersion', 'status']) passOver(source, child(source, place, key));
    for (const key of ['namespace', 'labels', 'annotations']) passOver(source, at(source, place, 'metadata', key));
    const manifest = { name, spec: child(source, place, 'spec'), place };
    byKind.set(kind, [...(byKind.get(kind) ?? []), manifest]);
    targets.set(manifest, targetsOf(source, manifest.spec));
  }
  return {
    of: (kind) => byKind.get(kind) ?? [],
    named: (kind, name) => byKind.get(kind)?.find((manifest) => manifest.name === name),
    targeting: (kind, target) => (byKind.get(kind) ?? []).filter((manifest) => targets.get(manifest)?.includes(target)),
  };
}

const SECRET = 'values stay out of the tree: name the secret in the boot settings';

function targetsOf(source: Source, spec: Place | undefined): string[] {
  const references = [...items(source, child(source, spec, 'targetRefs')), child(source, spec, 'targetRef')];
  return references.flatMap((reference) => {
    for (const key of ['group', 'kind', 'namespace']) child(source, reference, key);
    return textOf(child(source, reference, 'name')) ?? [];
  });
}
