import type { LoadedRevision } from '../decide/loaded-revision.ts';
import type { Ir } from '../ir/ir.ts';
import type { PolicyIndex } from '../policy/policy-index.ts';
import { proofDiagnostics } from '../prove/proof-diagnostics.ts';
import { judgeCase } from './judge-case.ts';
import type { TestResult } from './test-result.ts';

/** A revision under test: its model, and what decides by it. */
export interface TestedRevision {
  readonly ir: Ir;
  readonly loaded: LoadedRevision;
  readonly index: PolicyIndex;
}

/** Runs the cases and proofs of a tree whose names `wants`. */
export function runDocumentTests(revision: TestedRevision, wants: (name: string) => boolean): TestResult[] {
  const cases = revision.ir.tests.filter(({ name }) => wants(name));
  const proofs = revision.ir.proofs.filter(({ name }) => wants(name));
  return [
    ...cases.map((testCase) => resultOf('case', testCase, judgeCase(revision, testCase))),
    ...proofs.map((proof): TestResult => {
      const found = proofDiagnostics({ ...revision.ir, proofs: [proof] }, revision.loaded, revision.index);
      const wrong = found.filter(({ severity }) => severity === 'error');
      const details = wrong.flatMap(({ message, related, hint }) => [
        message,
        ...related.map(({ message: what, span }) => `${what}: ${span.file}:${span.start.line}:${span.start.column}`),
        ...(hint === undefined ? [] : [`fix: ${hint}`]),
      ]);
      return resultOf('proof', proof, details);
    }),
  ];
}

function resultOf(
  kind: TestResult['kind'],
  { name, origin }: { readonly name: string; readonly origin: TestResult['place'] },
  details: readonly string[],
): TestResult {
  return { kind, name, place: origin, outcome: details.length === 0 ? 'passed' : 'failed', details };
}
