import { Command, InvalidArgumentError, Option } from 'commander';
import { RE2JS } from 're2js';
import { percentOf, type Share, shareLines } from '../../core/verify/render-shares.ts';
import { testLines } from '../../core/verify/render-tests.ts';
import { testsJunit } from '../../core/verify/render-tests-junit.ts';
import { countsOf, type TestResult } from '../../core/verify/test-result.ts';
import { readWorkingTree } from '../../io/git/working-tree.ts';
import { requiredTool } from '../../io/tools/find-tool.ts';
import { compileUntested } from '../revision/compile-revision.ts';
import { diagnosticsText } from '../revision/diagnostics-text.ts';
import { createPolicyCompiler } from '../revision/policy-compiler.ts';
import { mutantShare } from '../test/run-mutants.ts';
import { runTreeTests } from '../test/run-tree-tests.ts';
import { EXIT_FINDINGS } from './exit.ts';
import { wantsColour } from './wants-colour.ts';
import { withProgress } from './with-progress.ts';

interface TestOptions {
  readonly format: 'text' | 'json' | 'junit';
  readonly run?: (name: string) => boolean;
  readonly coverage?: true;
  readonly mutate?: true;
  readonly threshold?: number;
}

export function testCommand(): Command {
  return new Command('test')
    .description('Run the tests of a tree: cases and proofs of its Test documents, and unit tests of its policies')
    .argument('[dir]', 'the folder', '.')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json', 'junit']).default('text'))
    .option('--run <regex>', 'only tests whose name this matches (RE2)', namesLike)
    .option('--coverage', 'say which routes, tiers, offers, rules, policy lines and branches no test reaches')
    .option('--mutate', 'make mistakes in routes, guardrails and policies, one at a time; say which no test notices')
    .option('--threshold <percent>', 'the least coverage, and the least share of mistakes that are noticed', percent)
    .addHelpText(
      'after',
      [
        '\nExamples:',
        '  headgate test examples/quickstart',
        '  headgate test --coverage --threshold 80',
        '  headgate test --run "residency/.*" --format junit > tests.xml',
      ].join('\n'),
    )
    .action(test);
}

interface Report {
  readonly results: readonly TestResult[];
  readonly coverage?: Share;
  readonly mutants?: Share;
}

async function test(directory: string, options: TestOptions): Promise<void> {
  const { run: wants = () => true, threshold = 0 } = options;
  if (options.run !== undefined && (options.coverage || options.mutate)) {
    throw new InvalidArgumentError('--run takes a part of the tests, and --coverage and --mutate want all of them');
  }
  const { files, findings } = await readWorkingTree(directory);
  const opaPath = requiredTool('opa');
  const compilePolicies = createPolicyCompiler(opaPath);
  const revision = { commit: 'worktree', files, findings };
  const compiling = compileUntested(revision, compilePolicies, undefined);
  const { bundle, policyTests, diagnostics } = await withProgress('compiling', compiling);
  const tests = bundle && (await withProgress('testing', runTreeTests(bundle, policyTests, opaPath, wants)));
  const wrong = [...diagnostics, ...(tests?.diagnostics ?? [])].filter(({ severity }) => severity === 'error');
  process.stderr.write(diagnosticsText(wrong, files, wantsColour(process.stderr, process.env)));
  if (bundle === undefined || tests === undefined || wrong.length > 0) {
    process.exitCode = EXIT_FINDINGS;
    return;
  }
  const holds = countsOf(tests.results).failed === 0;
  const report: Report = {
    results: tests.results,
    ...(options.coverage && holds ? { coverage: tests.coverage() } : {}),
    ...(options.mutate && holds
      ? {
          mutants: await withProgress(
            'making mistakes',
            mutantShare({ bundle, policyTests, opaPath, compilePolicies }),
          ),
        }
      : {}),
  };
  process.stdout.write(rendered(report, options.format, threshold));
  const shares = [report.coverage, report.mutants].filter((share) => share !== undefined);
  if (!holds || shares.some((share) => percentOf(share) < threshold)) process.exitCode = EXIT_FINDINGS;
}

function rendered(report: Report, format: TestOptions['format'], threshold: number): string {
  const { results, coverage, mutants } = report;
  switch (format) {
    case 'text': {
      const shares = [
        ...(coverage === undefined ? [] : shareLines('coverage', 'not reached', coverage)),
        ...(mutants === undefined ? [] : shareLines('mistakes that a test notices', 'not noticed', mutants)),
      ];
      return `${[...testLines(results), ...shares].join('\n')}\n`;
    }
    case 'json':
      return `${JSON.stringify({ counts: countsOf(results), tests: results, coverage, mutants }, undefined, 2)}\n`;
    case 'junit':
      return testsJunit(results, [
        ...(coverage === undefined ? [] : [{ name: 'coverage', share: coverage, threshold } as const]),
        ...(mutants === undefined ? [] : [{ name: 'mutants', share: mutants, threshold } as const]),
      ]);
  }
}

function namesLike(text: string): (name: string) => boolean {
  const pattern = compiled(text);
  if (pattern === undefined) throw new InvalidArgumentError('not a regular expression (RE2).');
  return (name) => pattern.matcher(name).find();
}

function compiled(text: string): RE2JS | undefined {
  try {
    return RE2JS.compile(text);
  } catch {
    return undefined;
  }
}

function percent(text: string): number {
  const value = Number(text);
  if (!/^[0-9]{1,3}(\.[0-9]+)?$/.test(text) || value > 100)
    throw new InvalidArgumentError('not a number from 0 to 100.');
  return value;
}
