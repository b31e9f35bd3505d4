import { byCodeUnit } from '../base/text-order.ts';
import { type Diagnostic, diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import { ordered } from '../diagnostics/order.ts';
import type { PolicyModule } from '../ir/guardrail.ts';
import type { Ir } from '../ir/ir.ts';
import { buildIr } from './build-ir.ts';
import { buildCatalog, type TreeContext } from './catalog.ts';
import { type CredentialScan, withCredentials } from './check-credentials.ts';
import { checkDocuments } from './check-documents.ts';
import { checkPolicy } from './check-guardrail.ts';
import { type DecodedText, decodeText, type SourceText } from './decode-text.ts';
import { parseIgnoreList, withoutIgnored } from './ignore-list.ts';
import { readDocuments } from './read-documents.ts';
import { regoPackages } from './rego-packages.ts';
import { withoutAllowed } from './suppressions.ts';
import { type FileRole, fileRole, IGNORE_LIST, type RefusedEntry, type TreeFile } from './tree-file.ts';
import { createTreeMemory, type TreeMemory } from './tree-memory.ts';

/** Ten times the largest tree that the product is measured with. */
export const TREE_FILES_MAX = 20_000;

export interface CompiledTree {
  /** Present when no diagnostic is an error. */
  readonly ir?: Ir;
  /** Rego files with unit tests (`*_test.rego`), by path. */
  readonly policyTests: readonly PolicyModule[];
  /** Sorted by place, each once. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface CompileOptions {
  /** Milliseconds since 1970; without it nothing that depends on the day is judged. */
  readonly nowMs?: number | undefined;
  /** Of the compilation of another tree: what is as it was there is not worked out again. */
  readonly memory?: TreeMemory | undefined;
}

/**
 * The files of a tree → its model, or what is wrong with it. The order of the files, of the documents in them and of
 * the keys in a document does not matter. Without a context, names of secrets and authorities are not checked. `scan`
 * looks for credentials, which no file may hold. `refused` are the entries of the tree that are no files.
 */
export function compileTree(
  files: readonly TreeFile[],
  context: TreeContext | undefined,
  scan: CredentialScan,
  refused: readonly RefusedEntry[] = [],
  { nowMs, memory = createTreeMemory() }: CompileOptions = {},
): CompiledTree {
  const tree = readTree(files, refused, memory);
  const read = readDocuments(tree.documents);
  const complete = read.complete && tree.whole;
  const catalog = buildCatalog({ ...read, complete }, regoPackages(tree.policies), memory, context, nowMs);
  const policies = [...tree.policies, ...tree.policyTests];
  const found = [
    ...tree.diagnostics,
    ...read.diagnostics,
    ...policies.flatMap((policy) => [...checkPolicy(policy)]),
    ...checkDocuments(catalog, read.declarations),
  ];
  const sources = [...tree.documents, ...policies];
  const judged = withCredentials(found, sources, scan);
  const diagnostics = ordered(withoutAllowed(judged, [...sources, ...tree.ignoreLists], nowMs));
  const { policyTests } = tree;
  if (hasErrors(diagnostics)) return { policyTests, diagnostics };
  return { ir: buildIr(catalog, tree.policies), policyTests, diagnostics };
}

const READ_ROLES: readonly FileRole[] = ['document', 'policy', 'policy-test'];

interface Tree {
  readonly documents: readonly SourceText[];
  readonly policies: readonly SourceText[];
  readonly policyTests: readonly SourceText[];
  /** One at the most. */
  readonly ignoreLists: readonly SourceText[];
  /** Whether every file could be read as text. */
  readonly whole: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

function readTree(files: readonly TreeFile[], refused: readonly RefusedEntry[], memory: TreeMemory): Tree {
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
  const texts = memory.decode(read.map(({ file }) => file)).map(textOf);
  const of = (wanted: FileRole) => texts.filter((_, index) => read[index]?.role === wanted).flat();
  const [documents, policies, policyTests] = [of('document'), of('policy'), of('policy-test')];
  return { documents, policies, policyTests, ignoreLists, whole: !hasErrors(diagnostics), diagnostics };
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
