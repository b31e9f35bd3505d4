import type { Origin } from '../ir/origin.ts';

/** What became of one test of a tree: a case or a proof of a Test document, or a `test_` rule of a Rego file. */
export interface TestResult {
  readonly kind: 'case' | 'proof' | 'rego';
  readonly name: string;
  readonly place: Origin;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** What was expected and what came; empty for one that passed. */
  readonly details: readonly string[];
}

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function countsOf(results: readonly TestResult[]): TestCounts {
  const count = (outcome: TestResult['outcome']) => results.filter((result) => result.outcome === outcome).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}
