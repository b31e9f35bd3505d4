import { type Diagnostic, hasErrors } from '../../core/diagnostics/diagnostic.ts';
import { ordered } from '../../core/diagnostics/order.ts';
import type { PolicyModule } from '../../core/ir/guardrail.ts';
import type { TreeContext } from '../../core/language/catalog.ts';
import { type CompiledTree, compileReadTree } from '../../core/language/compile-tree.ts';
import { type ReadTree, readAhead, readTree } from '../../core/language/read-tree.ts';
import { createTreeMemory, type TreeMemory } from '../../core/language/tree-memory.ts';
import type { Finding, SourceFile } from '../../io/git/source-file.ts';
import { type Bundle, bundleOf } from './bundle.ts';
import { scanCredentials } from './credential-scan.ts';
import { inTurns } from './in-turns.ts';
import type { KeptFiles } from './kept-files.ts';
import type { PolicyCompiler } from './policy-compiler.ts';
import { policyDiagnostic, unboundedPolicies, unknownPackages } from './policy-diagnostics.ts';
import { sourceDiagnostic } from './source-diagnostics.ts';
import { testDiagnostics } from './test-diagnostics.ts';

/** The files of one revision, as a mirror or a folder gives them. */
export interface RevisionFiles {
  readonly commit: string;
  /** Who signed the commit, verified: a name of the allowed signers file, or the address of an OpenPGP key. */
  readonly signer?: string;
  readonly files: readonly SourceFile[];
  readonly findings: readonly Finding[];
  /** When it is judged, in milliseconds since 1970; without it nothing that depends on the day is. */
  readonly nowMs?: number;
  /** From an earlier process. */
  readonly kept?: KeptFiles;
  /** Shared by revisions that are compiled one after the other: what stays the same is worked out once. */
  readonly memory?: TreeMemory;
}

export interface CompiledRevision {
  /** Present when no diagnostic is an error. */
  readonly bundle?: Bundle;
  /** Sorted by place. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The whole way from files to a bundle: documents, policies, tables, digest, and the tree's own Test documents. A mistake
 * of the tree is a diagnostic; throws only failures of the world (opa missing or dying).
 */
export async function compileRevision(
  revision: RevisionFiles,
  compilePolicies: PolicyCompiler,
  context: TreeContext | undefined,
  signal?: AbortSignal,
): Promise<CompiledRevision> {
  const { bundle, diagnostics } = await compileUntested(revision, compilePolicies, context, signal);
  if (bundle === undefined) return { diagnostics };
  const tests = await testDiagnostics(bundle);
  const all = ordered([...diagnostics, ...tests]);
  return hasErrors(tests) ? { diagnostics: all } : { bundle, diagnostics: all };
}

/** A revision whose tests did not run yet. */
export interface UntestedRevision extends CompiledRevision {
  /** Rego files with unit tests. */
  readonly policyTests: readonly PolicyModule[];
}

/** As `compileRevision`, without running the tests of the tree. */
export async function compileUntested(
  revision: RevisionFiles,
  compilePolicies: PolicyCompiler,
  context: TreeContext | undefined,
  signal?: AbortSignal,
): Promise<UntestedRevision> {
  const opened = openRevision(revision);
  const callOff = compilePolicies.begin?.(opened.tree.policies, signal);
  revision.kept?.restore(opened.tree, revision.files, scanCredentials());
  await inTurns(readAhead(opened.tree, scanCredentials()));
  revision.kept?.keep(opened.tree, revision.files, scanCredentials());
  const { ir, policyTests, diagnostics } = compileDocuments(opened, context);
  if (ir === undefined) {
    callOff?.();
    return { policyTests, diagnostics };
  }
  const policies = await compilePolicies(ir, signal);
  if (!policies.ok) {
    return { policyTests, diagnostics: ordered([...diagnostics, ...policies.error.map(policyDiagnostic)]) };
  }
  const unusable = [...unknownPackages(ir, policies.value), ...unboundedPolicies(ir, policies.value)];
  if (unusable.length > 0) return { policyTests, diagnostics: ordered([...diagnostics, ...unusable]) };
  return { bundle: bundleOf(ir, policies.value, revision.commit), policyTests, diagnostics };
}

/** What is wrong with the documents of a tree, without its policies and tests: no tool is needed. */
export function documentDiagnostics(revision: RevisionFiles): readonly Diagnostic[] {
  return compileDocuments(openRevision(revision), undefined).diagnostics;
}

/** A revision whose files are texts. */
interface OpenRevision {
  readonly tree: ReadTree;
  readonly memory: TreeMemory;
  readonly nowMs: number | undefined;
}

function openRevision({ files, findings, nowMs, memory = createTreeMemory() }: RevisionFiles): OpenRevision {
  const refused = findings.map((finding) => ({ path: finding.path, refusal: sourceDiagnostic(finding) }));
  return { tree: readTree(files, refused, memory), memory, nowMs };
}

function compileDocuments({ tree, ...judge }: OpenRevision, context: TreeContext | undefined): CompiledTree {
  return compileReadTree(tree, { ...judge, context, scan: scanCredentials() });
}
