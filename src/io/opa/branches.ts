import type { RegoAst, RegoLocation, RegoRule } from './rego-ast.ts';

/** A body of a rule, or one behind an `else`: what a policy may go into or not. */
export interface RegoBranch {
  readonly rule: string;
  readonly isElse: boolean;
  /** Of its first expression. */
  readonly line: number;
  readonly column: number;
}

/** The bodies of a module, in their order. A rule that always holds has none; an `else` that always holds counts. */
export function branchesOf({ rules = [] }: RegoAst): RegoBranch[] {
  return rules.flatMap((rule) => (rule.default === true ? [] : [...branchesOfRule(rule, false)]));
}

function* branchesOfRule(rule: RegoRule, isElse: boolean): Generator<RegoBranch> {
  const at = rule.body?.[0]?.location;
  const isWritten = at !== undefined && (isElse || !isSame(at, rule.location));
  if (isWritten) yield { rule: nameOf(rule), isElse, line: at.row, column: at.col };
  if (rule.else !== undefined) yield* branchesOfRule(rule.else, true);
}

/** opa gives a rule without a body one that is true, and puts it where the rule stands. */
function isSame(left: RegoLocation, right: RegoLocation): boolean {
  return left.row === right.row && left.col === right.col;
}

function nameOf({ head: { ref } }: RegoRule): string {
  return ref.map(({ value }) => String(value)).join('.');
}
