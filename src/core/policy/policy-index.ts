import type { Digest } from '../base/digest.ts';
import type { InputReads } from './input-reads.ts';
import type { RuleName } from './rule-names.ts';

/** What was learned of the policies when they were compiled; it goes into the bundle beside the Wasm. */
export interface PolicyIndex {
  /** By the guardrail's name. */
  readonly guardrails: Readonly<Record<string, CompiledGuardrailRow>>;
}

export interface CompiledGuardrailRow {
  /** Of the texts of its package and of all packages that this one uses. */
  readonly source: Digest;
  readonly rules: readonly RuleName[];
  /** What the package reads of its input. */
  readonly reads: InputReads;
  /** Where each deciding rule stands, with the codes that it can give. */
  readonly places: readonly RulePlace[];
}

export interface RulePlace {
  readonly name: RuleName;
  readonly path: string;
  readonly line: number;
  readonly codes: readonly string[];
}
