import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import { ordered } from '../diagnostics/order.ts';
import type { PolicyModule } from '../ir/guardrail.ts';
import type { Ir } from '../ir/ir.ts';
import { buildIr } from './build-ir.ts';
import { buildCatalog, type TreeContext } from './catalog.ts';
import { type CredentialScan, withCredentials } from './check-credentials.ts';
import { checkDocuments } from './check-documents.ts';
import { checkPolicy } from './check-guardrail.ts';
import { readDocuments } from './read-documents.ts';
import { type ReadTree, readTree } from './read-tree.ts';
import { regoPackages } from './rego-packages.ts';
import { withoutAllowed } from './suppressions.ts';
import type { RefusedEntry, TreeFile } from './tree-file.ts';
import { createTreeMemory, type TreeMemory } from './tree-memory.ts';

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
  return compileReadTree(readTree(files, refused, memory), { context, scan, nowMs, memory });
}

/** What a tree is compiled with. */
export interface TreeJudge {
  readonly context: TreeContext | undefined;
  readonly scan: CredentialScan;
  readonly nowMs: number | undefined;
  /** The one that the tree was read with. */
  readonly memory: TreeMemory;
}

/** As `compileTree`, of a tree whose files are read. */
export function compileReadTree(tree: ReadTree, { context, scan, nowMs, memory }: TreeJudge): CompiledTree {
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
