/** A mistake in the policies of a revision. Lines and columns from 1; `path` is the module's, as it was given. */
export interface PolicyDiagnostic {
  readonly kind: PolicyDiagnosticKind;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/**
 * `rego-*` are opa's own findings. `builtin-unsupported`: the function exists in OPA, but policies here may not call
 * it. `package-reserved`: a package that only headgate may define. `package-name`: a package whose name needs quotes.
 * `rule-form`: a deciding rule that is not a set. `rule-unbuilt`: a deciding rule that this version does not act on.
 */
export type PolicyDiagnosticKind =
  | 'rego-parse'
  | 'rego-compile'
  | 'rego-type'
  | 'rego-unsafe-var'
  | 'rego-recursion'
  | 'builtin-unsupported'
  | 'package-reserved'
  | 'package-name'
  | 'rule-form'
  | 'rule-unbuilt'
  | 'limit';
