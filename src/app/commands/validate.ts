import { relative, sep } from 'node:path';
import { Command, Option } from 'commander';
import { hasErrors } from '../../core/diagnostics/diagnostic.ts';
import { MACHINE_FORMATS, type MachineFormat, renderReport } from '../../core/diagnostics/report-format.ts';
import { readWorkingTree } from '../../io/git/working-tree.ts';
import { requiredTool } from '../../io/tools/find-tool.ts';
import { compileRevision, diagnosticsText } from '../revision/compile-revision.ts';
import { createPolicyCompiler } from '../revision/policy-compiler.ts';
import { readBootSettings } from '../settings/boot-settings.ts';
import { treeContext } from '../settings/tree-context.ts';
import { VERSION } from '../version.ts';
import { EXIT_FINDINGS } from './exit.ts';
import { wantsColour } from './wants-colour.ts';
import { withProgress } from './with-progress.ts';

interface ValidateOptions {
  readonly settings?: string;
  readonly format: 'text' | MachineFormat;
  readonly failOn: 'error' | 'warning';
}

export function validateCommand(): Command {
  return new Command('validate')
    .description('Check a tree of documents and policies, run its tests, and compile it; no server is needed')
    .argument('[dir]', 'the folder', '.')
    .option('--settings <file>', 'boot settings to check the names of secrets and authorities against')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', ...MACHINE_FORMATS]).default('text'))
    .addOption(
      new Option('--fail-on <severity>', 'what makes the exit status 1').choices(['error', 'warning']).default('error'),
    )
    .addHelpText(
      'after',
      [
        '\nExamples:',
        '  headgate validate examples/quickstart',
        '  headgate validate --format sarif > headgate.sarif',
        '  headgate validate --format github --fail-on warning',
      ].join('\n'),
    )
    .action(validate);
}

async function validate(directory: string, options: ValidateOptions): Promise<void> {
  const { files, findings } = await readWorkingTree(directory);
  const context = options.settings === undefined ? undefined : treeContext(readBootSettings(options.settings));
  const revision = { commit: 'worktree', files, findings, nowMs: Date.now() };
  const compiled = compileRevision(revision, createPolicyCompiler(requiredTool('opa')), context);
  const { bundle, diagnostics } = await withProgress('validating', compiled);
  if (options.format === 'text') {
    process.stdout.write(diagnosticsText(diagnostics, files, wantsColour(process.stdout, process.env)));
    if (bundle !== undefined) process.stdout.write(`valid: ${bundle.digest}\n`);
  } else {
    const folder = folderBelow(process.cwd(), directory);
    process.stdout.write(renderReport(options.format, diagnostics, { version: VERSION, folder }));
  }
  const failed = hasErrors(diagnostics) || (options.failOn === 'warning' && diagnostics.length > 0);
  if (failed) process.exitCode = EXIT_FINDINGS;
}

/** Where the tree is, as CI must name it: it runs in the root of the repository. Empty for a folder elsewhere. */
function folderBelow(root: string, directory: string): string {
  const path = relative(root, directory);
  return path.startsWith('..') ? '' : path.split(sep).join('/');
}
