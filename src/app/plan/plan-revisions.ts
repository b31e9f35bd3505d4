import type { Ir } from '../../core/ir/ir.ts';
import { createTreeMemory } from '../../core/language/tree-memory.ts';
import { type Approvers, approversOf, CODE_OWNERS_PATHS } from '../../core/plan/code-owners.ts';
import type { CorpusLine } from '../../core/plan/corpus.ts';
import type { Plan } from '../../core/plan/make-plan.ts';
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
  /** Reads the recorded requests to replay. */
  readonly corpus?: () => Promise<readonly CorpusLine[]>;
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
  const { subpath } = order;
  // Half of what a plan loads is Envoy's messages: git reads meanwhile.
  const [[from, to], { makePlan }] = await Promise.all([
    readSides(repository, order),
    import('../../core/plan/make-plan.ts'),
  ]);
  const shared = { memory: createTreeMemory(), ...(kept === undefined ? {} : { kept }) };
  const { compile, asked } = sharing(compilePolicies);
  // opa builds meanwhile.
  const reading = asked.then(order.corpus);
  // A side that does not compile leaves it unread.
  reading.catch(() => undefined);
  // The documents of one are read while opa works for the other.
  const [before, after] = await Promise.all([
    compileSide({ ...from, ...shared }, compile),
    compileSide({ ...to, ...shared }, compile),
  ]);
  if ('diagnostics' in before) return { kind: 'broken', name: from.name, ...before };
  if ('diagnostics' in after) return { kind: 'broken', name: to.name, ...after };
  const approvers = await findApprovers(repository, from.commit, changedPaths(from, to, subpath));
  const corpus = order.corpus && (await reading);
  const plan = makePlan(before, after, {
    ...(corpus === undefined ? {} : { corpus }),
    ...(approvers === undefined ? {} : { approvers }),
  });
  return { kind: 'planned', plan };
}

async function readSides(repository: LocalRepository, { base, head, subpath }: PlanOrder) {
  return [await readSide(repository, base, subpath), await readSide(repository, head, subpath)] as const;
}

/** Two revisions with the same policies wait for one compilation. `asked` says that there is one to wait for. */
function sharing(compilePolicies: PolicyCompiler): { readonly compile: PolicyCompiler; readonly asked: Promise<void> } {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const known = new Map<string, ReturnType<PolicyCompiler>>();
  const compileOnce = (ir: Ir, signal?: AbortSignal) => {
    const bindings = ir.guardrails.map(({ name, package: bound }) => [name, bound]);
    const key = JSON.stringify([ir.policies, bindings]);
    const compiling = known.get(key) ?? compilePolicies(ir, signal);
    known.set(key, compiling);
    resolve();
    return compiling;
  };
  const begin = compilePolicies.begin === undefined ? {} : { begin: compilePolicies.begin };
  return { compile: Object.assign(compileOnce, begin), asked };
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
