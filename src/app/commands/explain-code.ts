import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { CODES } from '../../core/diagnostics/codes.ts';
import { EXIT_USAGE } from './exit.ts';

const PAGES = new URL('../../../docs/codes/', import.meta.url);

export function explainCodeCommand(): Command {
  return new Command('explain-code')
    .description('Print the page of a diagnostic code: what it means, wrong, right, and why')
    .argument('<code>', 'the code, such as HG3107')
    .addHelpText('after', '\nExample:\n  headgate explain-code HG3107')
    .action(async (text: string) => {
      const code = text.toUpperCase();
      if (Object.hasOwn(CODES, code)) {
        process.stdout.write(await readFile(new URL(`${code}.md`, PAGES), 'utf8'));
        return;
      }
      process.stderr.write(`headgate: there is no code "${text}"; they are HG and four digits, such as HG3107\n`);
      process.exitCode = EXIT_USAGE;
    });
}
