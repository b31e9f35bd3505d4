import { type Diagnostic, diagnostic } from '../../core/diagnostics/diagnostic.ts';
import { runTestCase } from '../../core/plan/run-test-case.ts';
import { loadBundleForDecisions } from '../decider/load-bundle.ts';
import type { Bundle } from './bundle.ts';

/** The Test cases of a bundle that do not hold, each at its place. */
export async function testDiagnostics(bundle: Bundle): Promise<Diagnostic[]> {
  if (bundle.ir.tests.length === 0) return [];
  const loaded = await loadBundleForDecisions(bundle);
  return bundle.ir.tests.flatMap((testCase) => {
    const failure = runTestCase(loaded, testCase);
    if (failure === undefined) return [];
    const { file, line, column } = testCase.origin;
    const span = { file, start: { line, column }, end: { line, column: column + 1 } };
    return [diagnostic('HG5001', span, `test case "${testCase.name}" does not hold: ${failure}`)];
  });
}
