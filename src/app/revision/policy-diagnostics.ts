import { closestWord } from '../../core/base/closest-word.ts';
import type { Code } from '../../core/diagnostics/codes.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostics/diagnostic.ts';
import { quoted } from '../../core/diagnostics/visible-text.ts';
import type { Ir } from '../../core/ir/ir.ts';
import { readsInput } from '../../core/policy/input-reads.ts';
import type { PolicyDiagnostic, PolicyDiagnosticKind } from '../../io/opa/policy-diagnostic.ts';
import type { PolicyBuild } from './policy-build.ts';

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
  'rule-unbuilt': 'HG4011',
};

/** What opa says of a policy, as a diagnostic at its line. */
export function policyDiagnostic(found: PolicyDiagnostic): Diagnostic {
  const start = { line: Math.max(1, found.line), column: Math.max(1, found.column) };
  const span = { file: found.path, start, end: { line: start.line, column: start.column + 1 } };
  return diagnostic(CODE_OF[found.kind], span, found.message);
}

/** The messages of the input: those of an answer are there only when it is whole. */
const MESSAGES = ['messages'];

/**
 * Guardrails that would hold a streamed answer back piece by piece, and whose policy reads the text itself: it would be
 * asked about texts that are not whole yet. Detectors can be bounded, a policy cannot.
 */
export function unboundedPolicies(ir: Ir, { index }: PolicyBuild): Diagnostic[] {
  const held = ir.guardrails.filter(({ stages, stream }) => stages.includes('response') && stream === 'hold');
  const unbounded = held.filter(({ name }) => readsInput(index.guardrails[name]?.reads ?? [], MESSAGES));
  return unbounded.map((guardrail) => {
    const { file, line, column } = guardrail.origin;
    const span = { file, start: { line, column }, end: { line, column: column + 1 } };
    const message = `the package ${quoted(guardrail.package)} reads the messages of answers, and a held stream is never whole`;
    return diagnostic('HG4012', span, message, { hint: 'write "stream: buffer", or decide by findings alone' });
  });
}

/** Guardrails that ask for a built-in package which does not exist; the language knows only the packages of the tree. */
export function unknownPackages(ir: Ir, { index, builtinPackages }: PolicyBuild): Diagnostic[] {
  const unbound = ir.guardrails.filter((guardrail) => index.guardrails[guardrail.name] === undefined);
  return unbound.map((guardrail) => {
    const { file, line, column } = guardrail.origin;
    const span = { file, start: { line, column }, end: { line, column: column + 1 } };
    const near = closestWord(guardrail.package, builtinPackages);
    const hint = near === undefined ? `use one of: ${builtinPackages.join(', ')}` : `replace with ${quoted(near)}`;
    return diagnostic('HG3106', span, `unknown policy package ${quoted(guardrail.package)}`, { hint });
  });
}
