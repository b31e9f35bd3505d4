import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { lineDiff } from '../../core/base/line-diff.ts';
import { renderText } from '../../core/diagnostics/render-text.ts';
import { findFiles } from '../format/find-files.ts';
import { formatFiles } from '../format/format-files.ts';
import { EXIT_FINDINGS } from './exit.ts';
import { wantsColour } from './wants-colour.ts';
import { withProgress } from './with-progress.ts';

interface FormatOptions {
  readonly check?: true;
  readonly diff?: true;
}

export function fmtCommand(): Command {
  return new Command('fmt')
    .description('Put documents and policies into the one form; comments, values and meaning stay')
    .argument('[places...]', 'folders and files', ['.'])
    .option(
      '--check',
      'change nothing; list the files that are not in that form, and end with status 1 if there are any',
    )
    .option('--diff', 'change nothing; show what would change')
    .addHelpText('after', '\nExample:\n  headgate fmt\n  headgate fmt --check --diff routes models/chat.yaml')
    .action(async (places: string[], options: FormatOptions) => {
      const found = await findFiles(places);
      const { files, diagnostics, kept } = await withProgress('formatting', formatFiles(found));
      const changed = files.filter(({ before, after }) => before !== after);
      for (const { file, before, after } of changed) {
        process.stdout.write(options.diff ? lineDiff(file.path, before, after) : `${file.path}\n`);
        if (!options.check && !options.diff) await writeFile(file.location, after);
      }
      for (const path of kept) process.stderr.write(`headgate: ${path} stays as it is: no other form says the same\n`);
      const texts = new Map(found.map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)]));
      const colour = wantsColour(process.stderr, process.env);
      process.stderr.write(renderText(diagnostics, { colour, sourceText: (path) => texts.get(path) }));
      if (diagnostics.length > 0 || (options.check && changed.length > 0)) process.exitCode = EXIT_FINDINGS;
    });
}
