import { present } from '../../core/base/assert.ts';
import { digestOfJson } from '../../core/base/digest.ts';
import { ok, type Result } from '../../core/base/result.ts';
import type { PolicyModule } from '../../core/ir/guardrail.ts';
import type { Ir } from '../../core/ir/ir.ts';
import type { CompiledGuardrailRow } from '../../core/policy/policy-index.ts';
import { type CompiledPolicies, compilePolicies, type PolicyBinding } from '../../io/opa/compile-policies.ts';
import { OpaFailure } from '../../io/opa/opa-process.ts';
import type { PolicyDiagnostic } from '../../io/opa/policy-diagnostic.ts';
import { instrumentFuel } from '../../io/wasm/fuel.ts';
import { builtinPolicies } from './builtin-policies.ts';
import type { KeptBuild, KeptBuilds } from './kept-builds.ts';
import type { PolicyBuild } from './policy-build.ts';

/** Compiles the policies of an IR. One that differs in no Rego file and no binding from an earlier one costs nothing. */
export interface PolicyCompiler {
  (ir: Ir, signal?: AbortSignal): Promise<Result<PolicyBuild, readonly PolicyDiagnostic[]>>;
  /**
   * Begins with the Rego files of a tree whose model is not known yet, in processes beside ours. The next compilation of
   * just these files takes it from there. Gives what calls it off where there is none.
   */
  readonly begin?: (modules: readonly PolicyModule[], signal?: AbortSignal) => () => void;
}

/** A check and a build take a second at the most on a slow machine. */
const OPA_TIMEOUT_MS = 60_000;
/** Builds that are kept: the live one, the newest commits and what a revert brings back. */
const BUILDS_KEPT = 8;

/** `kept` holds what earlier processes built. */
export function createPolicyCompiler(opaPath: string, kept?: KeptBuilds): PolicyCompiler {
  const builds = new Map<string, { readonly modules: string; readonly build: PolicyBuild }>();
  const begun = new Map<string, Compilation>();
  const compile = async (ir: Ir, signal?: AbortSignal) => {
    const bindings = ir.guardrails.map((guardrail) => ({ guardrail: guardrail.name, package: guardrail.package }));
    const modules = modulesKey(ir.policies);
    const key = digestOfJson({ bindings, modules });
    const known = builds.get(key)?.build ?? matching(key, kept?.of(modules));
    if (known !== undefined) return ok(known);
    const compilation = begun.get(modules) ?? startCompilation(opaPath, ir.policies, signal);
    begun.delete(modules);
    compilation.bind(bindings);
    const compiled = await compilation.compiled;
    if (!compiled.ok) return compiled;
    const build = buildOf(compiled.value);
    builds.set(key, { modules, build });
    kept?.keep(modules, { key, build });
    const oldest = builds.keys().next().value;
    if (builds.size > BUILDS_KEPT && oldest !== undefined) builds.delete(oldest);
    return ok(build);
  };
  const begin = (policies: readonly PolicyModule[], signal?: AbortSignal) => {
    const key = modulesKey(policies);
    const isBuilt = [...builds.values()].some(({ modules }) => modules === key) || kept?.of(key) !== undefined;
    if (isBuilt || begun.has(key)) return () => undefined;
    const compilation = startCompilation(opaPath, policies, signal);
    begun.set(key, compilation);
    return () => {
      if (begun.get(key) === compilation && begun.delete(key)) compilation.callOff();
    };
  };
  return Object.assign(compile, { begin });
}

function matching(key: string, kept: KeptBuild | undefined): PolicyBuild | undefined {
  return kept?.key === key ? kept.build : undefined;
}

function modulesKey(modules: readonly PolicyModule[]): string {
  return digestOfJson(modules.map(({ path, text }) => ({ path, text })));
}

interface Compilation {
  readonly compiled: Promise<Result<CompiledPolicies, PolicyDiagnostic[]>>;
  readonly bind: (bindings: readonly PolicyBinding[]) => void;
  readonly callOff: () => void;
}

function startCompilation(opaPath: string, modules: readonly PolicyModule[], signal?: AbortSignal): Compilation {
  const calledOff = new AbortController();
  const { promise: bindings, resolve: bind, reject } = Promise.withResolvers<readonly PolicyBinding[]>();
  const start = async () =>
    await compilePolicies({
      modules,
      builtinModules: await builtinPolicies(),
      bindings,
      opaPath,
      timeoutMs: OPA_TIMEOUT_MS,
      signal: AbortSignal.any([calledOff.signal, ...(signal === undefined ? [] : [signal])]),
    });
  const compiled = start();
  // Whoever waits for them hears of a failure; nobody may.
  for (const promise of [compiled, bindings]) promise.catch(() => undefined);
  return {
    compiled,
    bind,
    callOff: () => {
      calledOff.abort();
      reject(new OpaFailure('the policies are not wanted any more', { code: 'opa-deadline' }));
    },
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
