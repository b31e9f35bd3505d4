import { RULE_NAMES, type RuleName } from '../../core/policy/rule-names.ts';

/** The entry point of every policy module that we build. */
export const ENTRY_POINT = 'headgate_main/decision';

/**
 * The module that gathers all guardrails: an object from the name of each guardrail in `input.active` to the deciding
 * rules of its package. One entry point parses the input once, and OPA evaluates a rule once however many guardrails
 * use its package.
 */
export function aggregatorModule(
  guardrails: readonly {
    readonly name: string;
    readonly package: readonly string[];
    readonly rules: ReadonlySet<RuleName>;
  }[],
): string {
  const parts = ['package headgate_main'];
  for (const guardrail of guardrails) {
    const name = JSON.stringify(guardrail.name);
    const path = `data${guardrail.package.map((step) => `[${JSON.stringify(step)}]`).join('')}`;
    const members = RULE_NAMES.filter((rule) => guardrail.rules.has(rule)).map((rule) => `"${rule}": ${path}.${rule}`);
    parts.push(`decision[${name}] := {${members.join(', ')}} if input.active[${name}]`);
  }
  return `${parts.join('\n\n')}\n`;
}
