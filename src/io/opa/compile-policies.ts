import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { present } from '../../core/base/assert.ts';
import { digestOfText } from '../../core/base/digest.ts';
import { failed, ok, type Result } from '../../core/base/result.ts';
import { byCodeUnit, sortedBy } from '../../core/base/text-order.ts';
import type { InputReads } from '../../core/policy/input-reads.ts';
import { INPUT_SCHEMA } from '../../core/policy/input-schema.ts';
import type { RuleName } from '../../core/policy/rule-names.ts';
import { aggregatorModule, ENTRY_POINT } from './aggregator.ts';
import { policyCapabilities } from './capabilities.ts';
import { type ModuleFacts, moduleFacts } from './module-facts.ts';
import { readOpaErrors } from './opa-errors.ts';
import { type OpaCall, OpaFailure, runOpa } from './opa-process.ts';
import { type CompiledPackage, compiledPackages, packageProblems } from './packages.ts';
import { parseModules } from './parse-modules.ts';
import type { PolicyDiagnostic } from './policy-diagnostic.ts';
import type { RegoAst } from './rego-ast.ts';
import { type RegoModule, type RegoWorkspace, withRegoWorkspace } from './rego-workspace.ts';
import { tarEntry } from './tar-entry.ts';

/** A package without `data.` in front. One that does not exist is left out. */
export interface PolicyBinding {
  readonly guardrail: string;
  readonly package: string;
}

export interface PolicySource extends OpaCall {
  /** The Rego files of the revision. Test files (`*_test.rego`) are passed over. */
  readonly modules: readonly RegoModule[];
  /** The built-in `headgate.*` packages. */
  readonly builtinModules: readonly RegoModule[];
  /**
   * Which package each guardrail asks for. They may come later than the modules, which are checked meanwhile; a failure
   * to come by them is the failure of the compilation.
   */
  readonly bindings: readonly PolicyBinding[] | Promise<readonly PolicyBinding[]>;
  /** JSON Schema of the input document; ours (INPUT_SCHEMA) where it is absent. */
  readonly inputSchema?: object;
}

export interface CompiledPolicies {
  /** OPA's module with the one entry point; not yet instrumented. Absent when no guardrail is bound. */
  readonly wasm: Uint8Array | undefined;
  readonly guardrails: ReadonlyMap<string, CompiledGuardrail>;
  /** Every package by its name. */
  readonly packages: ReadonlyMap<string, CompiledPackage>;
}

export interface CompiledGuardrail {
  readonly package: string;
  readonly rules: ReadonlySet<RuleName>;
  /** What the package reads of its input, with all packages that it uses. */
  readonly reads: InputReads;
}

/** A revision's Rego in all; hundreds of ordinary policies. */
const MODULES_MAX = 2_000;
const MODULE_BYTES_MAX = 1024 * 1024;

/**
 * Checks the Rego of a revision and compiles it into one Wasm module. Mistakes come back as diagnostics, sorted by
 * place; throws OpaFailure when opa itself cannot be run.
 */
export async function compilePolicies(source: PolicySource): Promise<Result<CompiledPolicies, PolicyDiagnostic[]>> {
  const own = source.modules.filter((module) => !module.path.endsWith('_test.rego'));
  const builtin = source.builtinModules.filter((module) => !module.path.endsWith('_test.rego'));
  const tooLarge = sizeProblems(own);
  if (tooLarge.length > 0) return failed(tooLarge);
  const modules = [...own, ...builtin];
  return await withRegoWorkspace(modules, async (workspace) => {
    await workspace.write('capabilities.json', await policyCapabilities(source, workspace.root));
    await workspace.write('input-schema.json', JSON.stringify(source.inputSchema ?? INPUT_SCHEMA));
    const checked = await check(source, workspace);
    if (checked.length > 0) return failed(sorted(checked));
    const { facts, unparsed } = await parseAll(source, modules, workspace);
    if (unparsed.length > 0) return failed(sorted(unparsed));
    const owned = facts.map((fact, index) => ({
      ...fact,
      isBuiltin: index >= own.length,
      digest: digestOfText(modules[index]?.text ?? ''),
    }));
    const problems = packageProblems(owned, (index) => workspace.pathOf(workspace.files[index] ?? ''));
    if (problems.length > 0) return failed(sorted(problems));
    const packages = compiledPackages(owned, (index) => workspace.pathOf(workspace.files[index] ?? ''));
    const guardrails = boundGuardrails(await source.bindings, packages);
    const wasm = guardrails.size === 0 ? undefined : await build(source, workspace, guardrails, packages);
    return ok({ wasm, guardrails, packages });
  });
}

function sizeProblems(modules: readonly RegoModule[]): PolicyDiagnostic[] {
  const problem = (path: string, message: string): PolicyDiagnostic => ({
    kind: 'limit',
    path,
    line: 1,
    column: 1,
    message,
  });
  if (modules.length > MODULES_MAX) {
    return [problem(modules[0]?.path ?? '', `there are ${modules.length} Rego files, ${MODULES_MAX} at most`)];
  }
  return modules
    .filter((module) => Buffer.byteLength(module.text) > MODULE_BYTES_MAX)
    .map((module) => problem(module.path, `the file is longer than ${MODULE_BYTES_MAX} bytes`));
}

async function check(source: PolicySource, workspace: RegoWorkspace): Promise<PolicyDiagnostic[]> {
  if (workspace.files.length === 0) return [];
  const options = ['--strict', '--max-errors', '0', '--format', 'json'];
  const files = ['--capabilities', 'capabilities.json', '--schema', 'input-schema.json', ...workspace.files];
  const exit = await runOpa(source, workspace.root, ['check', ...options, ...files]);
  return exit.status === 0 ? [] : readOpaErrors(exit, workspace.pathOf);
}

/** Of modules that were read for an earlier compilation: most are in the next one too. */
const knownFacts = new WeakMap<RegoModule, ModuleFacts>();

/** The facts of all modules, in their order; opa cannot print the tree of every module that it accepts (`.5`). */
async function parseAll(source: PolicySource, modules: readonly RegoModule[], workspace: RegoWorkspace) {
  const unparsed: PolicyDiagnostic[] = [];
  const unknown = [...workspace.files.keys()].filter((index) => !knownFacts.has(moduleAt(modules, index)));
  const files = unknown.map((index) => workspace.files[index] ?? '');
  const exits = await parseModules(source, workspace.root, files);
  for (const [number, exit] of exits.entries()) {
    const module = moduleAt(modules, present(unknown[number], 'the number of a module'));
    if (exit.status === 0) knownFacts.set(module, moduleFacts(JSON.parse(exit.stdout) as RegoAst));
    else unparsed.push(...readOpaErrors(exit, () => module.path));
  }
  const facts = unparsed.length > 0 ? [] : modules.map((module) => present(knownFacts.get(module), 'the facts'));
  return { facts, unparsed };
}

function moduleAt(modules: readonly RegoModule[], index: number): RegoModule {
  return present(modules[index], 'the module of a file');
}

function boundGuardrails(
  bindings: readonly PolicyBinding[],
  packages: ReadonlyMap<string, CompiledPackage>,
): ReadonlyMap<string, CompiledGuardrail> {
  const guardrails = new Map<string, CompiledGuardrail>();
  for (const binding of sortedBy(bindings, (item) => item.guardrail)) {
    const bound = packages.get(binding.package);
    if (bound === undefined) continue;
    const rules = new Set(bound.rules.map((rule) => rule.name));
    guardrails.set(binding.guardrail, { package: binding.package, rules, reads: bound.reads });
  }
  return guardrails;
}

async function build(
  source: PolicySource,
  workspace: RegoWorkspace,
  guardrails: ReadonlyMap<string, CompiledGuardrail>,
  packages: ReadonlyMap<string, CompiledPackage>,
): Promise<Uint8Array> {
  const bound = [...guardrails].map(([name, { package: packageName, rules }]) => ({
    name,
    package: packages.get(packageName)?.path ?? [],
    rules,
  }));
  await workspace.write('main.rego', aggregatorModule(bound));
  const options = ['-t', 'wasm', '--capabilities', 'capabilities.json', '-e', ENTRY_POINT, '-o', 'bundle.tar.gz'];
  const exit = await runOpa(source, workspace.root, ['build', ...options, 'main.rego', ...workspace.files]);
  if (exit.status !== 0) throw new OpaFailure(`opa build failed: ${exit.stderr.slice(0, 500)}`, { code: 'opa-failed' });
  const wasm = tarEntry(await readFile(join(workspace.root, 'bundle.tar.gz')), '/policy.wasm');
  if (wasm === undefined) throw new OpaFailure('opa built no policy.wasm', { code: 'opa-failed' });
  return wasm;
}

function sorted(diagnostics: readonly PolicyDiagnostic[]): PolicyDiagnostic[] {
  return diagnostics.toSorted(
    (left, right) => byCodeUnit(left.path, right.path) || left.line - right.line || left.column - right.column,
  );
}
