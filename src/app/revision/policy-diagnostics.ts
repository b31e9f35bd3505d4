import type { Code } from '../../core/diagnostics/codes.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostics/diagnostic.ts';
import type { PolicyDiagnostic, PolicyDiagnosticKind } from '../../io/opa/policy-diagnostic.ts';

const CODE_OF: Readonly<Record<PolicyDiagnosticKind, Code>> = {
  'rego-parse': 'HG4001',
  'rego-compile': 'HG4002',
  'rego-type': 'HG4003',
  'rego-unsafe-var': 'HG4004',
  'rego-recursion': 'HG4005',
  'builtin-unsupported': 'HG4006',
  'package-reserved': 'HG4007',
  'package-name': 'HG4008',
  'rule-form': 'HG4009',
  limit: 'HG4010',
};

/** What opa says of a policy, as a diagnostic at its line. */
export function policyDiagnostic(found: PolicyDiagnostic): Diagnostic {
  const start = { line: Math.max(1, found.line), column: Math.max(1, found.column) };
  const span = { file: found.path, start, end: { line: start.line, column: start.column + 1 } };
  return diagnostic(CODE_OF[found.kind], span, found.message);
}
