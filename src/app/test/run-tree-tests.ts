import { byCodeUnit } from '../../core/base/text-order.ts';
import type { Diagnostic } from '../../core/diagnostics/diagnostic.ts';
import { coverage } from '../../core/verify/coverage.ts';
import { coverageShare, type Share } from '../../core/verify/render-shares.ts';
import { runDocumentTests } from '../../core/verify/run-tests.ts';
import type { TestResult } from '../../core/verify/test-result.ts';
import { testPolicies } from '../../io/opa/test-policies.ts';
import { loadBundleForDecisions } from '../decider/load-bundle.ts';
import { builtinPolicies } from '../revision/builtin-policies.ts';
import type { Bundle } from '../revision/bundle.ts';
import type { UntestedRevision } from '../revision/compile-revision.ts';
import { policyDiagnostic } from '../revision/policy-diagnostics.ts';

/** All unit tests of a tree's policies together. */
const OPA_TIMEOUT_MS = 120_000;

export interface TreeTests {
  readonly results: readonly TestResult[];
  /** What they reach; it wants all tests to hold. */
  readonly coverage: () => Share;
  /** What is wrong with the tests themselves. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Runs the cases and proofs of a tree and the unit tests of its policies, as far as their names are wanted. */
export async function runTreeTests(
  bundle: Bundle,
  policyTests: UntestedRevision['policyTests'],
  opaPath: string,
  wants: (name: string) => boolean,
): Promise<TreeTests> {
  const revision = { ir: bundle.ir, loaded: await loadBundleForDecisions(bundle), index: bundle.policyIndex };
  const documents = runDocumentTests(revision, wants);
  const builtinModules = await builtinPolicies();
  const rego = await testPolicies({
    ...{ opaPath, timeoutMs: OPA_TIMEOUT_MS },
    ...{ modules: bundle.ir.policies, testModules: policyTests, builtinModules },
  });
  const run = rego.ok ? rego.value : { tests: [], coverage: [] };
  const wanted = run.tests.filter(({ name }) => wants(name));
  const results = wanted.map(({ name, path, line, outcome }): TestResult => {
    const details = outcome === 'failed' ? ['the rule is not true'] : [];
    return { kind: 'rego', name, place: { file: path, line, column: 1 }, outcome, details };
  });
  return {
    results: sortedByPlace([...documents, ...results]),
    coverage: () => coverageShare(coverage(revision), run.coverage),
    diagnostics: rego.ok ? [] : rego.error.map(policyDiagnostic),
  };
}

function sortedByPlace(results: readonly TestResult[]): TestResult[] {
  return results.toSorted(
    (left, right) => byCodeUnit(left.place.file, right.place.file) || left.place.line - right.place.line,
  );
}
