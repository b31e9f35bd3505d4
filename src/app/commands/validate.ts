import { Command, Option } from 'commander';
import { hasErrors } from '../../core/diagnostics/diagnostic.ts';
import { renderJson } from '../../core/diagnostics/render-json.ts';
import { readWorkingTree } from '../../io/git/working-tree.ts';
import { requiredTool } from '../../io/tools/find-tool.ts';
import { compileRevision, diagnosticsText } from '../revision/compile-revision.ts';
import { createPolicyCompiler } from '../revision/policy-compiler.ts';
import { readBootSettings } from '../settings/boot-settings.ts';
import { treeContext } from '../settings/tree-context.ts';
import { EXIT_FINDINGS } from './exit.ts';

interface ValidateOptions {
  readonly settings?: string;
  readonly format: 'text' | 'json';
  readonly failOn: 'error' | 'warning';
}

export function validateCommand(): Command {
  return new Command('validate')
    .description('Check a tree of documents and policies, run its tests, and compile it; no server is needed')
    .argument('[dir]', 'the folder', '.')
    .option('--settings <file>', 'boot settings to check the names of secrets and authorities against')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addOption(
      new Option('--fail-on <severity>', 'what makes the exit status 1').choices(['error', 'warning']).default('error'),
    )
    .addHelpText('after', '\nExample:\n  headgate validate examples/quickstart')
    .action(async (directory: string, options: ValidateOptions) => {
      const { files, findings } = await readWorkingTree(directory);
      const context = options.settings === undefined ? undefined : treeContext(readBootSettings(options.settings));
      const compilePolicies = createPolicyCompiler(requiredTool('opa'));
      const { bundle, diagnostics } = await compileRevision(
        { commit: 'worktree', files, findings },
        compilePolicies,
        context,
      );
      if (options.format === 'json') process.stdout.write(renderJson(diagnostics));
      else {
        process.stdout.write(diagnosticsText(diagnostics, files, process.stdout.isTTY));
        if (bundle !== undefined) process.stdout.write(`valid: ${bundle.digest}\n`);
      }
      const failed = hasErrors(diagnostics) || (options.failOn === 'warning' && diagnostics.length > 0);
      if (failed) process.exitCode = EXIT_FINDINGS;
    });
}
