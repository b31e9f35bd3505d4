import { present } from '../../core/base/assert.ts';
import { failed, ok, type Result } from '../../core/base/result.ts';
import type { DecisionRecord } from '../../core/decide/record.ts';
import { type AskedRequest, decideAsked } from '../../core/plan/asked-request.ts';
import { type NearRoute, nearRoutes } from '../../core/plan/near-routes.ts';
import { readWorkingTree } from '../../io/git/working-tree.ts';
import { loadBundleForDecisions } from '../decider/load-bundle.ts';
import { compileRevision } from '../revision/compile-revision.ts';
import { diagnosticsText } from '../revision/diagnostics-text.ts';
import type { PolicyCompiler } from '../revision/policy-compiler.ts';
import { explainRecord } from './explain-record.ts';
import type { ExplainedRecord } from './explained-record.ts';
import { blameTree } from './tree-blame.ts';

/** An explanation, and the routes that nearly served a request that was thought of. */
export interface ExplainedRequest extends ExplainedRecord {
  readonly nearRoutes: readonly NearRoute[];
}

/** Decides a request that somebody thinks of by the tree on disk, and says why. The error is for people. */
export async function explainAsked(
  directory: string,
  asked: AskedRequest,
  compilePolicies: PolicyCompiler,
): Promise<Result<ExplainedRequest, string>> {
  const compiled = await compileDirectory(directory, compilePolicies);
  if (!compiled.ok) return compiled;
  const { bundle, files } = compiled.value;
  const loaded = await loadBundleForDecisions(bundle);
  const decided = decideAsked(loaded, asked);
  if (!decided.ok) return decided;
  const { decision, principal } = decided.value;
  const near = nearRoutes(loaded.revision, principal, asked.model, (name) => asked.headers[name]);
  const explained = await explainIn(directory, files, bundle, decision.record, false);
  const lines = near.map(({ route, failed: conditions }) => `near      route ${route}: ${conditionText(conditions)}`);
  return ok({ ...explained, nearRoutes: near, lines: [...explained.lines, ...lines] });
}

/** Explains a record that stands in a file, by the tree on disk; `rerun` decides it again. */
export async function explainFile(
  directory: string,
  record: DecisionRecord,
  rerun: boolean,
  compilePolicies: PolicyCompiler,
): Promise<Result<ExplainedRecord, string>> {
  const compiled = await compileDirectory(directory, compilePolicies);
  if (!compiled.ok) return compiled;
  const { bundle, files } = compiled.value;
  return ok(await explainIn(directory, files, bundle, record, rerun));
}

type Compiled = Awaited<ReturnType<typeof compileDirectory>> extends Result<infer T, string> ? T : never;

async function explainIn(
  directory: string,
  files: Compiled['files'],
  bundle: Compiled['bundle'],
  record: DecisionRecord,
  rerun: boolean,
): Promise<ExplainedRecord> {
  const { blame, close } = await blameTree(directory, files);
  try {
    const sources = { record: () => record, bundle: async () => bundle, blame };
    return present(await explainRecord(record.id, sources, rerun), 'the record that was given');
  } finally {
    close();
  }
}

async function compileDirectory(directory: string, compilePolicies: PolicyCompiler) {
  const tree = await readWorkingTree(directory);
  const { bundle, diagnostics } = await compileRevision({ commit: 'worktree', ...tree }, compilePolicies, undefined);
  if (bundle === undefined) return failed(diagnosticsText(diagnostics, tree.files));
  return ok({ bundle, files: tree.files });
}

function conditionText(conditions: readonly string[]): string {
  return conditions.length === 0 ? 'matches, and is less specific' : conditions.join('; ');
}
