import { byCodeUnit } from '../base/text-order.ts';
import { type Diagnostic, diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import { type CredentialScan, credentialsIn } from './check-credentials.ts';
import { type DecodedText, decodeText, type SourceText } from './decode-text.ts';
import { parseIgnoreList, withoutIgnored } from './ignore-list.ts';
import { readFileDocuments } from './read-documents.ts';
import { type FileRole, fileRole, IGNORE_LIST, type RefusedEntry, type TreeFile } from './tree-file.ts';
import type { TreeMemory } from './tree-memory.ts';

/** Ten times the largest tree that the product is measured with. */
export const TREE_FILES_MAX = 20_000;

/** The files of a tree as texts, by what they are. */
export interface ReadTree {
  readonly documents: readonly SourceText[];
  readonly policies: readonly SourceText[];
  readonly policyTests: readonly SourceText[];
  /** One at the most. */
  readonly ignoreLists: readonly SourceText[];
  /** Whether every file could be read as text. */
  readonly whole: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

const READ_ROLES: readonly FileRole[] = ['document', 'policy', 'policy-test'];

/** `refused` are the entries of the tree that are no files. */
export function readTree(files: readonly TreeFile[], refused: readonly RefusedEntry[], memory: TreeMemory): ReadTree {
  const diagnostics: Diagnostic[] = [];
  const textOf = (decoded: DecodedText): SourceText[] => {
    diagnostics.push(...decoded.diagnostics);
    return decoded.source === undefined ? [] : [decoded.source];
  };
  const ignoreLists = files.filter((file) => file.path === IGNORE_LIST).flatMap((file) => textOf(decodeText(file)));
  const ignored = withoutIgnored([...files, ...refused], parseIgnoreList(ignoreLists[0]));
  diagnostics.push(...ignored.diagnostics);
  const entries = ignored.kept.toSorted((left, right) => byCodeUnit(left.path, right.path));
  diagnostics.push(...entries.flatMap((entry) => ('refusal' in entry ? [entry.refusal] : [])));
  const kept = entries.filter((entry): entry is TreeFile => !('refusal' in entry));
  const roles = kept.map((file) => ({ file, role: fileRole(file.path) }));
  diagnostics.push(...roles.flatMap(({ file, role }) => (role === 'policy-data' ? [policyData(file.path)] : [])));
  if (kept.length > TREE_FILES_MAX) diagnostics.push(tooManyFiles(kept[TREE_FILES_MAX]?.path ?? '', kept.length));
  const read = kept.length > TREE_FILES_MAX ? [] : roles.filter(({ role }) => READ_ROLES.includes(role));
  memory.keep(read.map(({ file }) => file));
  const texts = read.map(({ file, role }) => ({ role, text: textOf(memory.text(file)) }));
  const of = (wanted: FileRole) => texts.flatMap(({ role, text }) => (role === wanted ? text : []));
  const [documents, policies, policyTests] = [of('document'), of('policy'), of('policy-test')];
  return { documents, policies, policyTests, ignoreLists, whole: !hasErrors(diagnostics), diagnostics };
}

/**
 * The part of a compilation that is each file's own, a file at a time: whoever has other things to do can do them
 * between two. It is not done again when the tree is compiled.
 */
export function* readAhead(
  { documents, policies, policyTests }: ReadTree,
  scan: CredentialScan,
): Generator<undefined, void> {
  for (const document of documents) {
    readFileDocuments(document);
    yield;
  }
  for (const source of [...documents, ...policies, ...policyTests]) {
    credentialsIn(source, scan);
    yield;
  }
}

function policyData(file: string): Diagnostic {
  const start = { line: 1, column: 1 };
  const hint = 'write the values into the policy';
  const message = 'data files of policies are known but not built yet';
  return diagnostic('HG2011', { file, start, end: start }, message, { hint });
}

function tooManyFiles(file: string, count: number): Diagnostic {
  const start = { line: 1, column: 1 };
  const hint = 'list folders that are no part of the tree in .headgateignore';
  const message = `the tree has ${count} files, and ${TREE_FILES_MAX} is the most that is read`;
  return diagnostic('HG1014', { file, start, end: start }, message, { hint });
}
