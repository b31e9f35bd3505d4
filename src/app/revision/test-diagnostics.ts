import { type Diagnostic, diagnostic } from '../../core/diagnostics/diagnostic.ts';
import { proofDiagnostics } from '../../core/prove/proof-diagnostics.ts';
import { judgeCase } from '../../core/verify/judge-case.ts';
import { loadBundleForDecisions } from '../decider/load-bundle.ts';
import type { Bundle } from './bundle.ts';

/** What the Test documents of a bundle ask for and does not hold, cases and proofs, each at its place. */
export async function testDiagnostics(bundle: Bundle): Promise<Diagnostic[]> {
  if (bundle.ir.tests.length === 0 && bundle.ir.proofs.length === 0) return [];
  const loaded = await loadBundleForDecisions(bundle);
  const failed = bundle.ir.tests.flatMap((testCase) => {
    const wrong = judgeCase({ ir: bundle.ir, loaded }, testCase);
    if (wrong.length === 0) return [];
    const { file, line, column } = testCase.origin;
    const span = { file, start: { line, column }, end: { line, column: column + 1 } };
    return [diagnostic('HG5001', span, `test case "${testCase.name}" does not hold: ${wrong.join('; ')}`)];
  });
  return [...failed, ...proofDiagnostics(bundle.ir, loaded, bundle.policyIndex)];
}
