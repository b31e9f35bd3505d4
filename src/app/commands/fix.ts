import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { lineDiff } from '../../core/base/line-diff.ts';
import type { Diagnostic } from '../../core/diagnostics/diagnostic.ts';
import { readWorkingTree } from '../../io/git/working-tree.ts';
import { fixFiles } from '../fix/fix-files.ts';
import { documentDiagnostics } from '../revision/compile-revision.ts';

interface FixOptions {
  readonly code?: readonly string[];
  readonly dryRun?: true;
}

export function fixCommand(): Command {
  return new Command('fix')
    .description('Make the fixes of diagnostics that leave no doubt; everything else in the files stays as it is')
    .argument('[dir]', 'the folder', '.')
    .option('--code <code...>', 'only the fixes of these codes')
    .option('--dry-run', 'print a diff and change nothing')
    .addHelpText('after', '\nExamples:\n  headgate fix --dry-run\n  headgate fix examples/quickstart --code HG3107')
    .action(fix);
}

async function fix(directory: string, options: FixOptions): Promise<void> {
  const { files, findings } = await readWorkingTree(directory);
  const diagnostics = documentDiagnostics({ commit: 'worktree', files, findings, nowMs: Date.now() });
  const codes = options.code?.map((code) => code.toUpperCase());
  const chosen = diagnostics.filter((item) => item.fix !== undefined && (codes?.includes(item.code) ?? true));
  const fixed = fixFiles(files, chosen);
  if (options.dryRun) {
    for (const { path, before, after } of fixed) process.stdout.write(lineDiff(path, before, after));
  } else {
    for (const { path, bytes } of fixed) await writeFile(join(directory, path), bytes);
  }
  process.stderr.write(`${summary(chosen, fixed.length, options.dryRun === true)}\n`);
}

function summary(chosen: readonly Diagnostic[], fileCount: number, isDry: boolean): string {
  if (chosen.length === 0) return 'headgate: nothing that a machine can fix';
  const what = `${chosen.length} ${chosen.length === 1 ? 'fix' : 'fixes'} in ${fileCount} ${fileCount === 1 ? 'file' : 'files'}`;
  return isDry ? `headgate: ${what}, not made` : `headgate: ${what}; now run headgate validate`;
}
