import { ok, type Result, failed as refused } from '../../core/base/result.ts';
import { branchesOf, type RegoBranch } from './branches.ts';
import { policyCapabilities } from './capabilities.ts';
import { readOpaErrors } from './opa-errors.ts';
import { type OpaCall, type OpaExit, OpaFailure, runOpa } from './opa-process.ts';
import { parseModules } from './parse-modules.ts';
import type { PolicyDiagnostic } from './policy-diagnostic.ts';
import type { RegoAst, RegoLocation } from './rego-ast.ts';
import { type RegoModule, type RegoWorkspace, withRegoWorkspace } from './rego-workspace.ts';

/** What became of one `test_` rule. */
export interface RegoTest {
  /** `guardrails.secrets_test.test_denies`. */
  readonly name: string;
  readonly path: string;
  readonly line: number;
  readonly outcome: 'passed' | 'failed' | 'skipped';
}

/** Lines of one module that its tests reach, and those that they do not. */
export interface RegoCoverage {
  readonly path: string;
  readonly covered: number;
  readonly missedLines: readonly number[];
  /** The bodies of its rules: how many its tests go into, and those that they never do. */
  readonly enteredBranches: number;
  readonly missedBranches: readonly RegoBranch[];
}

export interface RegoTestRun {
  readonly tests: readonly RegoTest[];
  /** Of the modules that are no tests; empty where a test failed, since opa then tells of nothing else. */
  readonly coverage: readonly RegoCoverage[];
}

interface TestedPolicies extends OpaCall {
  readonly modules: readonly RegoModule[];
  readonly testModules: readonly RegoModule[];
  /** The built-in `headgate.*` packages, which the others may use. */
  readonly builtinModules: readonly RegoModule[];
}

/** One rule may run this long; opa's own default. */
const RULE_TIMEOUT = '5s';

/**
 * Runs the unit tests of policies by `opa test`. Anybody's change may come here: everything is checked with our
 * capabilities first, which have no network, no environment and no clock of the machine, and opa runs without our
 * environment in a folder of its own. Mistakes come back as diagnostics; throws OpaFailure when opa cannot be run.
 */
export async function testPolicies(policies: TestedPolicies): Promise<Result<RegoTestRun, PolicyDiagnostic[]>> {
  const { modules, testModules, builtinModules } = policies;
  if (testModules.length === 0) return ok({ tests: [], coverage: [] });
  return await withRegoWorkspace([...modules, ...testModules, ...builtinModules], async (workspace) => {
    await workspace.write('capabilities.json', await policyCapabilities(policies, workspace.root));
    const allowed = ['--capabilities', 'capabilities.json', '--format', 'json'];
    const check = await runOpa(policies, workspace.root, ['check', ...allowed, ...workspace.files]);
    if (check.status !== 0) return refused(readOpaErrors(check, workspace.pathOf));
    const tests = await runTests(policies, workspace, allowed);
    const own = new Set(modules.map((module) => module.path));
    const isWhole = tests.every(({ outcome }) => outcome !== 'failed');
    const coverage = isWhole ? await readCoverage(policies, workspace, allowed) : [];
    return ok({ tests, coverage: coverage.filter(({ path }) => own.has(path)) });
  });
}

interface OpaTest {
  readonly location: { readonly file: string; readonly row: number };
  readonly package: string;
  readonly name: string;
  readonly fail?: boolean;
  readonly skip?: boolean;
  readonly error?: unknown;
}

async function runTests(call: OpaCall, workspace: RegoWorkspace, allowed: readonly string[]): Promise<RegoTest[]> {
  const options = ['test', '--timeout', RULE_TIMEOUT, ...allowed];
  const tests = printed(await runOpa(call, workspace.root, [...options, ...workspace.files])) as readonly OpaTest[];
  return tests.map(({ location, package: packageName, name, fail, skip, error }) => ({
    name: `${packageName.replace(/^data\./, '')}.${name}`,
    path: workspace.pathOf(location.file),
    line: location.row,
    outcome: outcomeOf(skip === true, fail === true || error !== undefined),
  }));
}

function outcomeOf(skipped: boolean, failed: boolean): RegoTest['outcome'] {
  if (skipped) return 'skipped';
  return failed ? 'failed' : 'passed';
}

/** From a place up to and without another one. */
interface OpaRange {
  readonly start: RegoLocation;
  readonly end: RegoLocation;
}

interface OpaCoverage {
  readonly files: Readonly<
    Record<string, { readonly covered?: readonly OpaRange[]; readonly not_covered?: readonly OpaRange[] }>
  >;
}

async function readCoverage(
  call: OpaCall,
  workspace: RegoWorkspace,
  allowed: readonly string[],
): Promise<RegoCoverage[]> {
  const options = ['test', '--coverage', '--timeout', RULE_TIMEOUT, ...allowed];
  const { files } = printed(await runOpa(call, workspace.root, [...options, ...workspace.files])) as OpaCoverage;
  const named = Object.keys(files);
  const parsed = await parseModules(call, workspace.root, named);
  return named.map((file, index) => {
    const { covered = [], not_covered: missed = [] } = files[file] ?? {};
    const missedLines = linesOf(missed);
    const reached = linesOf(covered).filter((line) => !missedLines.includes(line));
    const branches = branchesIn(parsed[index]);
    const missedBranches = branches.filter((branch) => !covered.some((range) => holds(range, branch)));
    return {
      path: workspace.pathOf(file),
      covered: reached.length,
      missedLines,
      enteredBranches: branches.length - missedBranches.length,
      missedBranches,
    };
  });
}

/** opa cannot print the tree of every module that it accepts: of such a one lines are all that is known. */
function branchesIn(parsed: OpaExit | undefined): RegoBranch[] {
  return parsed?.status === 0 ? branchesOf(JSON.parse(parsed.stdout) as RegoAst) : [];
}

function holds({ start, end }: OpaRange, { line, column }: RegoBranch): boolean {
  const isAfterStart = line > start.row || (line === start.row && column >= start.col);
  const isBeforeEnd = line < end.row || (line === end.row && column < end.col);
  return isAfterStart && isBeforeEnd;
}

function linesOf(ranges: readonly OpaRange[]): number[] {
  const lines = ranges.flatMap(({ start, end }) =>
    Array.from({ length: end.row - start.row + 1 }, (_, index) => start.row + index),
  );
  return [...new Set(lines)].sort((left, right) => left - right);
}

function printed({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): unknown {
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    throw new OpaFailure(`opa test failed: ${stderr.slice(0, 500)}`, { code: 'opa-failed', cause });
  }
}
