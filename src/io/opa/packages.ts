import { type Digest, digestOfJson } from '../../core/base/digest.ts';
import { sortedBy } from '../../core/base/text-order.ts';
import { type InputReads, unitedReads } from '../../core/policy/input-reads.ts';
import type { RuleName } from '../../core/policy/rule-names.ts';
import type { ModuleFacts } from './module-facts.ts';
import type { PolicyDiagnostic } from './policy-diagnostic.ts';

/** One Rego package of a revision, from all its files. */
export interface CompiledPackage {
  readonly path: readonly string[];
  readonly isBuiltin: boolean;
  /** The deciding rules with the places where they are defined, and the constant codes in each. */
  readonly rules: readonly CompiledRule[];
  /** What the package reads of its input, with all packages that it uses. */
  readonly reads: InputReads;
  /** Of the texts of the package and of all packages that it uses. */
  readonly digest: Digest;
}

export interface CompiledRule {
  readonly name: RuleName;
  readonly path: string;
  readonly line: number;
  readonly codes: readonly string[];
}

export interface OwnedFacts extends ModuleFacts {
  readonly isBuiltin: boolean;
  /** Of the module's text. */
  readonly digest: Digest;
}

/** Packages that a commit may not define, and deciding rules that are not sets or that nothing would act on. */
export function packageProblems(modules: readonly OwnedFacts[], pathOf: (index: number) => string): PolicyDiagnostic[] {
  return modules.flatMap((module, index) => {
    const path = pathOf(index);
    const problems: PolicyDiagnostic[] = [];
    const root = module.package[0] ?? '';
    if (!module.isBuiltin && (root.startsWith('headgate') || root === 'system')) {
      const message = `the package ${module.package.join('.')} is reserved; packages here may not begin with ${root}`;
      problems.push({ kind: 'package-reserved', path, line: module.packageLine, column: 1, message });
    }
    const oddStep = module.package.find((step) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(step));
    if (oddStep !== undefined) {
      const message = `the package has a part ${JSON.stringify(oddStep)}; letters, digits and _ only`;
      problems.push({ kind: 'package-name', path, line: module.packageLine, column: 1, message });
    }
    for (const { name, line, column, isSet } of module.rules) {
      if (isSet) continue;
      const message = `${name} must be a set of decisions: write \`${name} contains {...} if ...\``;
      problems.push({ kind: 'rule-form', path, line, column, message });
    }
    for (const { name, line, column } of module.futureRules) {
      const message = `decisions of the kind ${name} are not supported yet; give a rule of your own another name`;
      problems.push({ kind: 'rule-unbuilt', path, line, column, message });
    }
    return problems;
  });
}

/** Puts the modules together by package, and follows what each package uses. */
export function compiledPackages(
  modules: readonly OwnedFacts[],
  pathOf: (index: number) => string,
): ReadonlyMap<string, CompiledPackage> {
  const byName = new Map<string, number[]>();
  for (const [index, module] of modules.entries()) {
    const name = module.package.join('.');
    byName.set(name, [...(byName.get(name) ?? []), index]);
  }
  const packages = new Map<string, CompiledPackage>();
  for (const [name, indices] of sortedBy(byName, (entry) => entry[0])) {
    const rules = indices.flatMap((index) =>
      (modules[index]?.rules ?? []).map((rule) => ({
        name: rule.name,
        path: pathOf(index),
        line: rule.line,
        codes: rule.codes,
      })),
    );
    const first = modules[indices[0] ?? 0];
    const used = reachable(modules, first?.package ?? []);
    const reads = unitedReads(used.map((module) => module.reads));
    const digest = digestOfJson(used.map((module) => module.digest).sort());
    packages.set(name, { path: first?.package ?? [], isBuiltin: first?.isBuiltin === true, rules, reads, digest });
  }
  return packages;
}

/** The modules of a package and of every package that it uses, directly or not. */
function reachable(modules: readonly OwnedFacts[], start: readonly string[]): readonly OwnedFacts[] {
  const found = new Set<OwnedFacts>();
  const queue: (readonly string[])[] = [start];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    for (const module of modules) {
      if (found.has(module) || !meets(module.package, path)) continue;
      found.add(module);
      queue.push(...module.uses);
    }
  }
  return [...found];
}

/** Whether a reference can lead into the package: one of the two is a prefix of the other. */
function meets(packagePath: readonly string[], reference: readonly string[]): boolean {
  const shared = Math.min(packagePath.length, reference.length);
  for (let index = 0; index < shared; index += 1) {
    if (reference[index] !== '*' && reference[index] !== packagePath[index]) return false;
  }
  return true;
}
