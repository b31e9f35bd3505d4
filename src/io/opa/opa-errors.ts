import { type OpaExit, OpaFailure } from './opa-process.ts';
import type { PolicyDiagnostic, PolicyDiagnosticKind } from './policy-diagnostic.ts';

interface OpaError {
  readonly message: string;
  readonly code?: string;
  readonly location?: { readonly file: string; readonly row: number; readonly col: number };
}

const KINDS: Readonly<Record<string, PolicyDiagnosticKind>> = {
  rego_parse_error: 'rego-parse',
  rego_compile_error: 'rego-compile',
  rego_type_error: 'rego-type',
  rego_unsafe_var_error: 'rego-unsafe-var',
  rego_recursion_error: 'rego-recursion',
};

/**
 * Reads the errors that `opa check`, `parse` and `build` print with `--format json`. `pathOf` turns a file of the
 * workspace into the module's path. Throws OpaFailure when what opa printed is no list of errors.
 */
export function readOpaErrors(exit: OpaExit, pathOf: (file: string) => string): PolicyDiagnostic[] {
  let errors: readonly OpaError[];
  try {
    errors = (JSON.parse(exit.stderr.trim() || exit.stdout) as { readonly errors: readonly OpaError[] }).errors;
  } catch (cause) {
    throw new OpaFailure(`opa failed: ${exit.stderr.slice(0, 500)}`, { code: 'opa-failed', cause });
  }
  return errors.map((error) => ({
    kind: kindOf(error),
    path: pathOf(error.location?.file ?? ''),
    line: Math.max(1, error.location?.row ?? 1),
    column: Math.max(1, error.location?.col ?? 1),
    message: messageOf(error),
  }));
}

function kindOf(error: OpaError): PolicyDiagnosticKind {
  if (/^undefined function (?!data\.)/.test(error.message)) return 'builtin-unsupported';
  return KINDS[error.code ?? 'rego_parse_error'] ?? 'rego-compile';
}

/**
 * opa accepts numbers such as `.5` and then cannot print them: its message names Go types around the number, in the words
 * of the Go that it was built with (those of 1.27 no longer tell the number).
 */
function messageOf({ message }: OpaError): string {
  const isBarePoint = /^json: .*invalid (?:number literal|character '\.')/.test(message);
  return isBarePoint ? 'a number needs a digit before its point: 0.5, not .5' : message;
}
