import type { Diagnostic } from '../../core/diagnostics/diagnostic.ts';
import { ordered } from '../../core/diagnostics/order.ts';
import type { BootSettings } from '../settings/boot-settings.ts';
import { treeContext } from '../settings/tree-context.ts';
import { compileRevision, type RevisionFiles } from './compile-revision.ts';
import { keptParts } from './kept-parts.ts';
import { createPolicyCompiler } from './policy-compiler.ts';

/** What is said of a tree, and the digest of what it becomes where nothing is wrong. */
export interface Verdict {
  readonly digest?: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** What a tree is judged with. */
export interface Judge {
  readonly opaPath: string;
  /** A real Envoy that must take the compiled tree too; none where it is absent. */
  readonly envoyPath?: string;
  /** Without them names of secrets and authorities are not checked. */
  readonly settings?: BootSettings;
}

/**
 * All that can be said of a tree without a server. `keeps` says whether what is worked out of single files and of their
 * policies is kept for the next process. Throws only failures of the world.
 */
export async function judgeTree(
  revision: RevisionFiles,
  { opaPath, envoyPath, settings }: Judge,
  keeps: boolean,
): Promise<Verdict> {
  const context = settings === undefined ? undefined : treeContext(settings);
  const parts = keeps ? keptParts(opaPath) : undefined;
  const known = parts === undefined ? revision : { ...revision, kept: parts.files };
  const compilePolicies = createPolicyCompiler(opaPath, parts?.builds);
  const { bundle, diagnostics } = await compileRevision(known, compilePolicies, context);
  if (bundle === undefined) return { diagnostics };
  if (envoyPath === undefined) return { digest: bundle.digest, diagnostics };
  // All of Envoy's messages: half as much again to load as the rest.
  const { envoyDiagnostics } = await import('./envoy-diagnostics.ts');
  const refusals = await envoyDiagnostics(bundle, envoyPath, settings);
  if (refusals.length > 0) return { diagnostics: ordered([...diagnostics, ...refusals]) };
  return { digest: bundle.digest, diagnostics };
}
