import { sortedBy } from '../../core/base/text-order.ts';
import type { PolicyModule } from '../../core/ir/guardrail.ts';
import type { Ir } from '../../core/ir/ir.ts';
import type { Origin } from '../../core/ir/origin.ts';
import { routeDefaults } from '../../core/language/build-route.ts';
import type { RulePlace } from '../../core/policy/policy-index.ts';
import { mutants } from '../../core/verify/mutants.ts';
import { notices, withModel } from '../../core/verify/notices.ts';
import type { Share } from '../../core/verify/render-shares.ts';
import { testPolicies } from '../../io/opa/test-policies.ts';
import { loadBundleForDecisions } from '../decider/load-bundle.ts';
import { builtinPolicies } from '../revision/builtin-policies.ts';
import { type Bundle, bundleOf } from '../revision/bundle.ts';
import type { PolicyCompiler } from '../revision/policy-compiler.ts';

/** One mistake made on purpose, and whether a test noticed it. */
interface MutantResult {
  readonly what: string;
  readonly place: Origin;
  readonly noticed: boolean;
}

interface MutatedTree {
  readonly bundle: Bundle;
  readonly policyTests: readonly PolicyModule[];
  readonly opaPath: string;
  readonly compilePolicies: PolicyCompiler;
}

/** The unit tests of the policies, once. */
const OPA_TIMEOUT_MS = 120_000;

/** Makes mistakes in the routes, guardrails and policies of a tree whose tests all hold: how many of them a test notices. */
export async function mutantShare(tree: MutatedTree): Promise<Share> {
  const results = await runMutants(tree);
  const missing = results.filter(({ noticed }) => !noticed);
  return {
    total: results.length,
    done: results.length - missing.length,
    missing: missing.map(({ what, place }) => ({ what, place })),
  };
}

async function runMutants(tree: MutatedTree): Promise<MutantResult[]> {
  const { ir, policyIndex } = tree.bundle;
  const loaded = await loadBundleForDecisions(tree.bundle);
  const results = [...mutants(ir, routeDefaults())].map(
    ({ what, place, ir: changed }): MutantResult => ({
      what,
      place,
      noticed: notices(withModel(changed, policyIndex, loaded)),
    }),
  );
  for (const rule of ownRules(tree.bundle)) {
    const place = { file: rule.path, line: rule.line, column: 1 };
    const codes = rule.codes.length === 0 ? '' : ` (${rule.codes.join(', ')})`;
    const noticed = await noticesRule(tree, rule);
    results.push({ what: `rule ${rule.name}${codes} dropped`, place, noticed });
  }
  return results;
}

/** The deciding rules of the tree's own packages, each once. */
function ownRules({ ir, policyIndex }: Bundle): RulePlace[] {
  const own = new Set(ir.policies.map(({ path }) => path));
  const places = Object.values(policyIndex.guardrails).flatMap((row) => row.places);
  const rules = new Map(places.map((place) => [`${place.path}:${String(place.line).padStart(9, '0')}`, place]));
  return sortedBy([...rules], ([key]) => key).flatMap(([, place]) => (own.has(place.path) ? [place] : []));
}

/** A rule under another name decides nothing. */
async function noticesRule(
  { bundle, policyTests, opaPath, compilePolicies }: MutatedTree,
  rule: RulePlace,
): Promise<boolean> {
  const policies = bundle.ir.policies.map((module) => (module.path === rule.path ? renamed(module, rule) : module));
  const ir: Ir = { ...bundle.ir, policies };
  const compiled = await compilePolicies(ir);
  if (!compiled.ok) return true;
  const changed = bundleOf(ir, compiled.value, bundle.commit);
  const loaded = await loadBundleForDecisions(changed);
  if (notices({ ir, index: changed.policyIndex, loaded })) return true;
  const builtinModules = await builtinPolicies();
  const call = { opaPath, timeoutMs: OPA_TIMEOUT_MS };
  const tested = await testPolicies({ ...call, modules: policies, testModules: policyTests, builtinModules });
  return !tested.ok || tested.value.tests.some(({ outcome }) => outcome === 'failed');
}

function renamed({ path, text }: PolicyModule, { name, line }: RulePlace): PolicyModule {
  const lines = text.split('\n');
  const head = lines[line - 1] ?? '';
  return { path, text: lines.with(line - 1, head.replace(name, `dropped_${name}`)).join('\n') };
}
