import { relative, sep } from 'node:path';
import { Command, Option } from 'commander';
import { hasErrors } from '../../core/diagnostics/diagnostic.ts';
import { MACHINE_FORMATS, type MachineFormat, renderReport } from '../../core/diagnostics/report-format.ts';
import { readWorkingTree } from '../../io/git/working-tree.ts';
import { requiredTool } from '../../io/tools/find-tool.ts';
import { diagnosticsText } from '../revision/diagnostics-text.ts';
import type { Judge, Verdict } from '../revision/judge-tree.ts';
import { keptVerdict } from '../revision/kept-verdict.ts';
import type { BootSettings } from '../settings/boot-settings.ts';
import { VERSION } from '../version.ts';
import { EXIT_FINDINGS } from './exit.ts';
import { wantsColour } from './wants-colour.ts';
import { withProgress } from './with-progress.ts';

interface ValidateOptions {
  readonly settings?: string;
  readonly format: 'text' | MachineFormat;
  readonly failOn: 'error' | 'warning';
  readonly envoy?: true;
  readonly cache: boolean;
}

/**
 * What depends on the day is judged by the hour that has begun: within one, the same tree has the same verdict, so one
 * that was kept is as good as a new one.
 */
const JUDGED_EVERY_MS = 3_600_000;

export function validateCommand(): Command {
  return new Command('validate')
    .description('Check a tree of documents and policies, run its tests, and compile it; no server is needed')
    .argument('[dir]', 'the folder', '.')
    .option('--settings <file>', 'boot settings to check the names of secrets and authorities against')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', ...MACHINE_FORMATS]).default('text'))
    .addOption(
      new Option('--fail-on <severity>', 'what makes the exit status 1').choices(['error', 'warning']).default('error'),
    )
    .option('--envoy', 'load the compiled tree into a real Envoy too, which serves nothing')
    .option('--no-cache', 'judge anew what was judged before')
    .addHelpText(
      'after',
      [
        '\nExamples:',
        '  headgate validate examples/quickstart',
        '  headgate validate --envoy --settings headgate.yaml',
        '  headgate validate --format sarif > headgate.sarif',
        '  headgate validate --format github --fail-on warning',
      ].join('\n'),
    )
    .action(validate);
}

async function validate(directory: string, options: ValidateOptions): Promise<void> {
  const means: Judge = {
    opaPath: requiredTool('opa'),
    ...(options.envoy === undefined ? {} : { envoyPath: requiredTool('envoy') }),
    ...(options.settings === undefined ? {} : { settings: await bootSettings(options.settings) }),
  };
  const { files, findings } = await readWorkingTree(directory);
  const nowMs = Math.floor(Date.now() / JUDGED_EVERY_MS) * JUDGED_EVERY_MS;
  const revision = { commit: 'worktree', files, findings, nowMs };
  // The compiler is loaded only where there is something to compile.
  const judge = async (): Promise<Verdict> =>
    (await import('../revision/judge-tree.ts')).judgeTree(revision, means, options.cache);
  const judged = options.cache ? keptVerdict(revision, means, judge) : judge();
  const { digest, diagnostics } = await withProgress('validating', judged);
  if (options.format === 'text') {
    process.stdout.write(diagnosticsText(diagnostics, files, wantsColour(process.stdout, process.env)));
    if (digest !== undefined) process.stdout.write(`valid: ${digest}\n`);
  } else {
    const folder = folderBelow(process.cwd(), directory);
    process.stdout.write(renderReport(options.format, diagnostics, { version: VERSION, folder }));
  }
  const failed = hasErrors(diagnostics) || (options.failOn === 'warning' && diagnostics.length > 0);
  if (failed) process.exitCode = EXIT_FINDINGS;
}

async function bootSettings(file: string): Promise<BootSettings> {
  return (await import('../settings/boot-settings.ts')).readBootSettings(file);
}

/** Where the tree is, as CI must name it: it runs in the root of the repository. Empty for a folder elsewhere. */
function folderBelow(root: string, directory: string): string {
  const path = relative(root, directory);
  return path.startsWith('..') ? '' : path.split(sep).join('/');
}
