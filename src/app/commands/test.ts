import { Command, InvalidArgumentError, Option } from 'commander';
import { RE2JS } from 're2js';
import { hasErrors } from '../../core/diagnostics/diagnostic.ts';
import { testLines, testsJunit } from '../../core/verify/render-tests.ts';
import { countsOf } from '../../core/verify/test-result.ts';
import { readWorkingTree } from '../../io/git/working-tree.ts';
import { requiredTool } from '../../io/tools/find-tool.ts';
import { compileUntested, diagnosticsText } from '../revision/compile-revision.ts';
import { createPolicyCompiler } from '../revision/policy-compiler.ts';
import { runTreeTests, type TreeTests } from '../test/run-tree-tests.ts';
import { EXIT_FINDINGS } from './exit.ts';
import { wantsColour } from './wants-colour.ts';
import { withProgress } from './with-progress.ts';

interface TestOptions {
  readonly format: 'text' | 'json' | 'junit';
  readonly run?: (name: string) => boolean;
}

export function testCommand(): Command {
  return new Command('test')
    .description('Run the tests of a tree: cases and proofs of its Test documents, and unit tests of its policies')
    .argument('[dir]', 'the folder', '.')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json', 'junit']).default('text'))
    .option('--run <regex>', 'only tests whose name this matches (RE2)', namesLike)
    .addHelpText(
      'after',
      [
        '\nExamples:',
        '  headgate test examples/quickstart',
        '  headgate test --run "residency/.*" --format junit > tests.xml',
      ].join('\n'),
    )
    .action(test);
}

async function test(directory: string, options: TestOptions): Promise<void> {
  const { files, findings } = await readWorkingTree(directory);
  const opaPath = requiredTool('opa');
  const revision = { commit: 'worktree', files, findings };
  const compiling = compileUntested(revision, createPolicyCompiler(opaPath), undefined);
  const { bundle, policyTests, diagnostics } = await withProgress('compiling', compiling);
  const { run: wants = () => true } = options;
  const tests = bundle && (await withProgress('testing', runTreeTests(bundle, policyTests, opaPath, wants)));
  const wrong = [...diagnostics, ...(tests?.diagnostics ?? [])].filter(({ severity }) => severity === 'error');
  process.stderr.write(diagnosticsText(wrong, files, wantsColour(process.stderr, process.env)));
  if (tests !== undefined) process.stdout.write(rendered(tests, options.format));
  const failed = tests === undefined || countsOf(tests.results).failed > 0;
  if (failed || hasErrors(wrong)) process.exitCode = EXIT_FINDINGS;
}

function rendered({ results }: TreeTests, format: TestOptions['format']): string {
  switch (format) {
    case 'text':
      return `${testLines(results).join('\n')}\n`;
    case 'json':
      return `${JSON.stringify({ counts: countsOf(results), tests: results }, undefined, 2)}\n`;
    case 'junit':
      return testsJunit(results);
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
