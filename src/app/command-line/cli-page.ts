import type { ArgumentShape, CommandShape, OptionShape } from './command-shape.ts';

/** docs/cli.md: every command with what it takes and its examples. */
export function cliPage(program: CommandShape): string {
  const blocks = [
    '# The command line',
    'Written by `scripts/cli-docs.ts` from the commands themselves (`npm run gen`); `headgate COMMAND --help` says the same.',
    'Exit status: 0 where all is well; 1 where something is wrong with what was looked at, such as errors in a tree; 2 where the command line is wrong or the command could not do its work. Colours and progress are shown on terminals alone, and colours nowhere where `NO_COLOR` is set.',
    optionTable(program.options),
    ...program.commands.flatMap(commandBlocks),
  ];
  return `${blocks.filter((text) => text !== '').join('\n\n')}\n`;
}

function commandBlocks(command: CommandShape): string[] {
  const own = [`## ${command.words.join(' ')}`, `${command.description}.`];
  if (command.commands.length > 0) return [...own, ...command.commands.flatMap(commandBlocks)];
  return [
    ...own,
    block([usage(command)]),
    argumentTable(command.arguments),
    optionTable(command.options),
    ...(command.examples.length === 0 ? [] : ['Examples:', block(command.examples)]),
  ];
}

function usage({ words, arguments: taken, options }: CommandShape): string {
  const needed = options.filter(({ required }) => required).map(({ term }) => term);
  const optional = options.length > needed.length ? ['[options]'] : [];
  return [...words, ...needed, ...optional, ...taken.map(({ term }) => term)].join(' ');
}

function block(lines: readonly string[]): string {
  return ['```sh', ...lines, '```'].join('\n');
}

function argumentTable(taken: readonly ArgumentShape[]): string {
  return table('argument', taken);
}

function optionTable(options: readonly OptionShape[]): string {
  return table('option', options);
}

function table(kind: string, rows: readonly (ArgumentShape | OptionShape)[]): string {
  if (rows.length === 0) return '';
  return [`| ${kind} | says |`, '|---|---|', ...rows.map((row) => `| \`${row.term}\` | ${saysOf(row)} |`)].join('\n');
}

function saysOf({ description, choices, defaultValue }: ArgumentShape | OptionShape): string {
  const known = choices.length === 0 ? '' : `: ${choices.map((choice) => `\`${choice}\``).join(', ')}`;
  const without = defaultValue === undefined ? '' : ` (default: \`${defaultValue}\`)`;
  return `${description}${known}${without}`.replaceAll('|', '\\|');
}
