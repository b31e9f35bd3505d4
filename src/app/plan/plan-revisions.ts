import type { Ir } from '../../core/ir/ir.ts';
import { createTreeMemory } from '../../core/language/tree-memory.ts';
import { type Approvers, approversOf, CODE_OWNERS_PATHS } from '../../core/plan/code-owners.ts';
import type { CorpusLine } from '../../core/plan/corpus.ts';
import { makePlan, type Plan } from '../../core/plan/make-plan.ts';
import type { PlanSide } from '../../core/plan/plan-side.ts';
import type { LocalRepository } from '../../io/git/local-repository.ts';
import { loadBundleForDecisions } from '../decider/load-bundle.ts';
import { compileRevision } from '../revision/compile-revision.ts';
import { diagnosticsText } from '../revision/diagnostics-text.ts';
import type { KeptFiles } from '../revision/kept-files.ts';
import type { PolicyCompiler } from '../revision/policy-compiler.ts';
import { changedPaths, type NamedRevision, readSide } from './read-range.ts';

export interface PlanOrder {
  readonly base: string;
  readonly head: string;
  /** Where the tree is below the root of the repository; empty for the root. */
  readonly subpath: string;
  readonly corpus?: readonly CorpusLine[];
}

/** A plan, or the side that does not compile with what is wrong with it. */
export type PlanResult =
  | { readonly kind: 'planned'; readonly plan: Plan }
  | { readonly kind: 'broken'; readonly name: string; readonly diagnostics: string };

/** Larger files of owners are no work of people. */
const CODE_OWNERS_BYTES_MAX = 1024 * 1024;

/**
 * Compiles two revisions of a repository and compares them. Needs no server and no network. `kept` is what earlier
 * processes worked out of single files.
 * @throws SourceError for a revision that is not there
 */
export async function planRevisions(
  repository: LocalRepository,
  order: PlanOrder,
  compilePolicies: PolicyCompiler,
  kept?: KeptFiles,
): Promise<PlanResult> {
  const { base, head, subpath, corpus } = order;
  const [from, to] = [await readSide(repository, base, subpath), await readSide(repository, head, subpath)];
  const shared = { memory: createTreeMemory(), ...(kept === undefined ? {} : { kept }) };
  const compile = sharing(compilePolicies);
  // The documents of one are read while opa works for the other.
  const [before, after] = await Promise.all([
    compileSide({ ...from, ...shared }, compile),
    compileSide({ ...to, ...shared }, compile),
  ]);
  if ('diagnostics' in before) return { kind: 'broken', name: from.name, ...before };
  if ('diagnostics' in after) return { kind: 'broken', name: to.name, ...after };
  const approvers = await findApprovers(repository, from.commit, changedPaths(from, to, subpath));
  const plan = makePlan(before, after, {
    ...(corpus === undefined ? {} : { corpus }),
    ...(approvers === undefined ? {} : { approvers }),
  });
  return { kind: 'planned', plan };
}

/** Two revisions with the same policies wait for one compilation. */
function sharing(compilePolicies: PolicyCompiler): PolicyCompiler {
  const asked = new Map<string, ReturnType<PolicyCompiler>>();
  const compile = (ir: Ir, signal?: AbortSignal) => {
    const bindings = ir.guardrails.map(({ name, package: bound }) => [name, bound]);
    const key = JSON.stringify([ir.policies, bindings]);
    const compiling = asked.get(key) ?? compilePolicies(ir, signal);
    asked.set(key, compiling);
    return compiling;
  };
  return Object.assign(compile, compilePolicies.begin === undefined ? {} : { begin: compilePolicies.begin });
}

async function compileSide(
  revision: NamedRevision,
  compilePolicies: PolicyCompiler,
): Promise<PlanSide | { readonly diagnostics: string }> {
  const { bundle, diagnostics } = await compileRevision(revision, compilePolicies, undefined);
  if (bundle === undefined) return { diagnostics: diagnosticsText(diagnostics, revision.files) };
  const loaded = await loadBundleForDecisions(bundle);
  return { name: revision.name, commit: revision.commit, ir: bundle.ir, loaded };
}

/** By the base's file, as forges do: a change does not name its own approvers. */
async function findApprovers(
  repository: LocalRepository,
  commit: string,
  paths: readonly string[],
): Promise<Approvers | undefined> {
  for (const path of CODE_OWNERS_PATHS) {
    const bytes = await repository.file(commit, path, CODE_OWNERS_BYTES_MAX);
    if (bytes !== undefined) return approversOf(new TextDecoder().decode(bytes), paths);
  }
  return undefined;
}
