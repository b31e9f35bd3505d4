import { present } from '../../core/base/assert.ts';
import { digestOfJson } from '../../core/base/digest.ts';
import { ok, type Result } from '../../core/base/result.ts';
import type { Ir } from '../../core/ir/ir.ts';
import type { CompiledGuardrailRow, PolicyIndex } from '../../core/policy/policy-index.ts';
import { type CompiledPolicies, compilePolicies } from '../../io/opa/compile-policies.ts';
import type { PolicyDiagnostic } from '../../io/opa/policy-diagnostic.ts';
import { instrumentFuel } from '../../io/wasm/fuel.ts';
import { builtinPolicies } from './builtin-policies.ts';

/** The policies of a revision, ready to be loaded: instrumented Wasm, and what is known of each guardrail's package. */
export interface PolicyBuild {
  /** Empty when no guardrail is bound. */
  readonly wasm: Uint8Array;
  readonly index: PolicyIndex;
  /** The packages that come with headgate, by name. */
  readonly builtinPackages: readonly string[];
}

/** Compiles the policies of an IR. One that differs in no Rego file and no binding from an earlier one costs nothing. */
export type PolicyCompiler = (
  ir: Ir,
  signal?: AbortSignal,
) => Promise<Result<PolicyBuild, readonly PolicyDiagnostic[]>>;

/** A check and a build take a second at the most on a slow machine. */
const OPA_TIMEOUT_MS = 60_000;
/** Builds that are kept: the live one, the newest commits and what a revert brings back. */
const BUILDS_KEPT = 8;

export function createPolicyCompiler(opaPath: string): PolicyCompiler {
  const builds = new Map<string, PolicyBuild>();
  return async (ir, signal) => {
    const bindings = ir.guardrails.map((guardrail) => ({ guardrail: guardrail.name, package: guardrail.package }));
    const modules = ir.policies.map(({ path, text }) => ({ path, text }));
    const key = digestOfJson({ bindings, modules });
    const known = builds.get(key);
    if (known !== undefined) return ok(known);
    const builtinModules = await builtinPolicies();
    const compiled = await compilePolicies({
      modules,
      builtinModules,
      bindings,
      opaPath,
      timeoutMs: OPA_TIMEOUT_MS,
      ...(signal === undefined ? {} : { signal }),
    });
    if (!compiled.ok) return compiled;
    const build = buildOf(compiled.value);
    builds.set(key, build);
    const oldest = builds.keys().next().value;
    if (builds.size > BUILDS_KEPT && oldest !== undefined) builds.delete(oldest);
    return ok(build);
  };
}

function buildOf(compiled: CompiledPolicies): PolicyBuild {
  const guardrails = [...compiled.guardrails].map(
    ([name, { rules, reads, package: packageName }]): [string, CompiledGuardrailRow] => {
      const bound = present(compiled.packages.get(packageName), 'the package of a guardrail');
      return [name, { source: bound.digest, rules: [...rules].sort(), reads, places: [...bound.rules] }];
    },
  );
  return {
    wasm: compiled.wasm === undefined ? new Uint8Array(0) : instrumentFuel(compiled.wasm),
    index: { guardrails: Object.fromEntries(guardrails) },
    builtinPackages: [...compiled.packages].flatMap(([name, { isBuiltin }]) => (isBuiltin ? [name] : [])),
  };
}
