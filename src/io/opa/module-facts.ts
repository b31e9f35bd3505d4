import { type InputReads, unitedReads } from '../../core/policy/input-reads.ts';
import { FUTURE_RULE_NAMES, RULE_NAMES, type RuleName } from '../../core/policy/rule-names.ts';
import { type RegoAst, type RegoRule, type RegoTerm, walkTerms } from './rego-ast.ts';

/** What the tree of one module says, before packages are put together. */
export interface ModuleFacts {
  readonly package: readonly string[];
  readonly packageLine: number;
  /** The deciding rules that the module defines. */
  readonly rules: readonly RuleFact[];
  /** Rules with names that are kept for decisions which are not built yet. */
  readonly futureRules: readonly { readonly name: string; readonly line: number; readonly column: number }[];
  /** Paths below `data` that the module refers to; `*` where a step is not a constant. */
  readonly uses: readonly (readonly string[])[];
  readonly reads: InputReads;
}

export interface RuleFact {
  readonly name: RuleName;
  readonly line: number;
  readonly column: number;
  /** False for a rule that is not a set of decisions (`deny contains ...`). */
  readonly isSet: boolean;
  /** The constant values of `code` in the rule. */
  readonly codes: readonly string[];
}

/** Reads the deciding rules, and what the module looks at, from its syntax tree. */
export function moduleFacts(ast: RegoAst): ModuleFacts {
  const paths = referencedPaths(ast);
  const below = (root: string) => paths.filter((path) => path[0] === root).map((path) => path.slice(1));
  return {
    package: ast.package.path.slice(1).map((term) => String(term.value)),
    packageLine: ast.package.location.row,
    rules: (ast.rules ?? []).flatMap(ruleFact),
    futureRules: (ast.rules ?? []).flatMap(futureRule),
    uses: below('data'),
    reads: unitedReads([below('input')]),
  };
}

/** Every reference with its imports resolved: `input.messages[_].role` is input, messages, *, role. */
function referencedPaths(ast: RegoAst): readonly (readonly string[])[] {
  const aliases = importAliases(ast);
  const paths: (readonly string[])[] = [];
  const collect = (node: unknown): void =>
    walkTerms(node, (term) => {
      if (term.type === 'var') paths.push(aliases.get(String(term.value)) ?? [String(term.value)]);
      if (term.type !== 'ref') return true;
      const [head, ...steps] = term.value as readonly RegoTerm[];
      if (head?.type === 'var') {
        paths.push([...(aliases.get(String(head.value)) ?? [String(head.value)]), ...steps.map(stepOf)]);
      } else {
        collect(head);
      }
      collect(steps);
      return false;
    });
  collect(ast.rules ?? []);
  return paths;
}

function importAliases(ast: RegoAst): ReadonlyMap<string, readonly string[]> {
  const aliases = new Map<string, readonly string[]>();
  for (const entry of ast.imports ?? []) {
    const path = (entry.path.value as readonly RegoTerm[]).map((term) => String(term.value));
    const alias = entry.alias ?? path.at(-1);
    if (alias !== undefined) aliases.set(alias, path);
  }
  return aliases;
}

function stepOf(term: RegoTerm): string {
  return term.type === 'string' ? String(term.value) : '*';
}

function ruleFact(rule: RegoRule): RuleFact[] {
  const name = RULE_NAMES.find((known) => known === rule.head.ref[0]?.value);
  if (name === undefined) return [];
  const isSet = rule.head.ref.length === 1 && rule.head.key !== undefined && rule.head.args === undefined;
  return [{ name, line: rule.location.row, column: rule.location.col, isSet, codes: codesIn(rule) }];
}

function futureRule(rule: RegoRule): ModuleFacts['futureRules'] {
  const name = FUTURE_RULE_NAMES.find((known) => known === rule.head.ref[0]?.value);
  return name === undefined ? [] : [{ name, line: rule.location.row, column: rule.location.col }];
}

/** The constants under a `code` key of any object in the rule, its head or its body. */
function codesIn(rule: RegoRule): string[] {
  const codes = new Set<string>();
  walkTerms(rule, (term) => {
    if (term.type !== 'object') return true;
    for (const [key, value] of term.value as readonly (readonly [RegoTerm, RegoTerm])[]) {
      if (key.value === 'code' && value.type === 'string') codes.add(String(value.value));
    }
    return true;
  });
  return [...codes].sort();
}
