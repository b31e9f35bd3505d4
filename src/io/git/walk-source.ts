import { sortedBy } from '../../core/base/text-order.ts';
import { collisionKey, isConfiguration, isIgnored, isLfsPointer, isUnsafeName, printablePath } from './entry-rules.ts';
import type { Finding, FindingKind, SourceFile, SourceLimits } from './source-file.ts';

/** One name in a directory. `reference` is what the tree below needs to open it. */
export type Entry<Reference> =
  | { readonly kind: 'directory' | 'file'; readonly name: string; readonly reference: Reference }
  | { readonly kind: 'symlink' | 'submodule' | 'not-a-file'; readonly name: string };

/** Something with directories and files: a git tree, a directory on disk. */
export interface SourceTree<Reference> {
  list(directory: Reference): Promise<readonly Entry<Reference>[]>;
  /** The content and its git id, or that it is larger than the limit. */
  read(file: Reference, bytesMax: number): Promise<{ blobId: string; bytes: Uint8Array } | 'too-large'>;
}

interface Directory<Reference> {
  readonly path: string;
  readonly depth: number;
  readonly reference: Reference;
}

interface Candidate<Reference> {
  readonly path: string;
  readonly reference: Reference;
}

/** How many files are opened at once: far below the usual 1,024 descriptors of a process. */
const READS_AT_ONCE = 64;

/**
 * The configuration files below `root` in order of path, and what it holds that configuration may not. Paths start
 * below `root`. Fails only as the tree fails.
 */
export async function walkSource<Reference>(
  tree: SourceTree<Reference>,
  root: Reference,
  limits: SourceLimits,
): Promise<{ files: SourceFile[]; findings: Finding[] }> {
  const findings: Finding[] = [];
  const report = (kind: FindingKind, path: string) => findings.push({ kind, path: printablePath(path) });
  const candidates = await findCandidates(tree, { path: '', depth: 0, reference: root }, limits, report);
  const files = await readCandidates(tree, candidates, limits, report);
  return { files, findings: sortedBy(findings, (finding) => `${finding.path}\0${finding.kind}`) };
}

type Report = (kind: FindingKind, path: string) => void;

/** Level by level, the directories of one level at once. */
async function findCandidates<Reference>(
  tree: SourceTree<Reference>,
  root: Directory<Reference>,
  limits: SourceLimits,
  report: Report,
): Promise<Candidate<Reference>[]> {
  const candidates: Candidate<Reference>[] = [];
  let entriesSeen = 0;
  for (let level = [root]; level.length > 0; ) {
    const next: Directory<Reference>[] = [];
    for (const batch of batches(level)) {
      const listed = await Promise.all(batch.map((directory) => tree.list(directory.reference)));
      for (const [index, directory] of batch.entries()) {
        const entries = listed[index] ?? [];
        entriesSeen += entries.length;
        if (entriesSeen > limits.entriesMax) {
          report('too-many-entries', directory.path);
          return [];
        }
        takeDirectory(directory, entries, limits, { candidates, next, report });
      }
    }
    level = next;
  }
  if (candidates.length <= limits.filesMax) return sortedBy(candidates, (candidate) => candidate.path);
  report('too-many-files', root.path);
  return [];
}

interface Sorted<Reference> {
  readonly candidates: Candidate<Reference>[];
  readonly next: Directory<Reference>[];
  readonly report: Report;
}

/** On disk a submodule is a folder with a `.git` of its own; in a commit no tree can hold that name. */
function takeDirectory<Reference>(
  directory: Directory<Reference>,
  entries: readonly Entry<Reference>[],
  limits: SourceLimits,
  sorted: Sorted<Reference>,
): void {
  const isSubmodule = directory.depth > 0 && entries.some(({ name }) => name === '.git');
  if (isSubmodule) sorted.report('submodule', directory.path.slice(0, -1));
  else sortEntries(directory, entries, limits, sorted);
}

/** What each name of one directory is to us: a file to read, a directory to open, a finding, or nothing. */
function sortEntries<Reference>(
  directory: Directory<Reference>,
  entries: readonly Entry<Reference>[],
  limits: SourceLimits,
  { candidates, next, report }: Sorted<Reference>,
): void {
  const siblings = new Set(entries.map((entry) => entry.name));
  const seen = new Set<string>();
  for (const entry of sortedBy(entries, ({ name }) => name)) {
    const { name } = entry;
    const path = `${directory.path}${name}`;
    if (isUnsafeName(name)) {
      report('unsafe-path', path);
      continue;
    }
    if (isIgnored(name, directory.depth === 0)) continue;
    if (seen.has(collisionKey(name))) report('case-collision', path);
    seen.add(collisionKey(name));
    switch (entry.kind) {
      case 'directory':
        if (directory.depth + 1 >= limits.depthMax) report('too-deep', path);
        else next.push({ path: `${path}/`, depth: directory.depth + 1, reference: entry.reference });
        break;
      case 'file':
        if (isConfiguration(name, siblings)) candidates.push({ path, reference: entry.reference });
        break;
      case 'symlink':
      case 'submodule':
      case 'not-a-file':
        report(entry.kind, path);
        break;
    }
  }
}

async function readCandidates<Reference>(
  tree: SourceTree<Reference>,
  candidates: readonly Candidate<Reference>[],
  limits: SourceLimits,
  report: Report,
): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  let totalBytes = 0;
  for (const batch of batches(candidates)) {
    const contents = await Promise.all(batch.map(({ reference }) => tree.read(reference, limits.fileBytesMax)));
    for (const [index, { path }] of batch.entries()) {
      const content = contents[index] ?? 'too-large';
      if (content === 'too-large') {
        report('file-too-large', path);
        continue;
      }
      totalBytes += content.bytes.length;
      if (totalBytes > limits.totalBytesMax) {
        report('too-many-bytes', path);
        return [];
      }
      if (isLfsPointer(content.bytes)) report('lfs-pointer', path);
      else files.push({ path, blobId: content.blobId, bytes: content.bytes });
    }
  }
  return files;
}

function batches<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / READS_AT_ONCE) }, (_, index) =>
    items.slice(index * READS_AT_ONCE, (index + 1) * READS_AT_ONCE),
  );
}
