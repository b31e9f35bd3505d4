import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { CODES, type Code } from '../../core/diagnostics/codes.ts';
import { EXIT_USAGE } from './exit.ts';

const PAGES = new URL('../../../docs/codes/', import.meta.url);

export function explainCodeCommand(): Command {
  return new Command('explain-code')
    .description('Print the page of a diagnostic code: what it means, wrong, right, and why')
    .argument('<code>', 'the code, such as HG3107')
    .addHelpText('after', '\nExample:\n  headgate explain-code HG3107')
    .action(async (text: string) => {
      const code = text.toUpperCase();
      if (isCode(code)) {
        const page = await readFile(new URL(`${code}.md`, PAGES), 'utf8');
        process.stdout.write(CODES[code].severity === 'warning' ? `${page}${allowing(code)}` : page);
        return;
      }
      process.stderr.write(`headgate: there is no code "${text}"; they are HG and four digits, such as HG3107\n`);
      process.exitCode = EXIT_USAGE;
    });
}

function isCode(text: string): text is Code {
  return Object.hasOwn(CODES, text);
}

function allowing(code: Code): string {
  return [
    '',
    '## Where it is meant',
    'A comment on the line, or on the line above, allows it to the end of a day:',
    `\`# headgate:allow ${code} until 2027-06-30: why it is meant\``,
    '',
  ].join('\n');
}
