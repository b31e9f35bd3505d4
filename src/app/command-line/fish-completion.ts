import { type CommandShape, type OptionShape, takesPath } from './command-shape.ts';

/** The script that goes to `~/.config/fish/completions/headgate.fish`. */
export function fishCompletion(program: CommandShape): string {
  return [
    '# fish completion of headgate; made by "headgate completion fish"',
    'complete -c headgate -f',
    ...linesOf(program),
    '',
  ].join('\n');
}

function linesOf(command: CommandShape): string[] {
  const { words, options, commands, arguments: taken } = command;
  const condition = words.length === 1 ? '__fish_use_subcommand' : conditionOf(command);
  const start = `complete -c headgate -n ${quoted(condition)}`;
  const choices = taken.flatMap((argument) => argument.choices);
  return [
    ...commands.map((below) => `${start} -a ${quoted(below.words.at(-1) ?? '')} -d ${quoted(below.description)}`),
    ...(choices.length > 0 ? [`${start} -a ${quoted(choices.join(' '))}`] : []),
    ...(taken.some(takesPath) ? [`${start} -F`] : []),
    ...options.map((option) => `${start} ${optionText(option)}`),
    ...commands.flatMap(linesOf),
  ];
}

/** All words of the command were said, and none of a command below it. */
function conditionOf({ words, commands }: CommandShape): string {
  const said = words.slice(1).map((word) => `__fish_seen_subcommand_from ${word}`);
  const below = commands.map((command) => command.words.at(-1)).join(' ');
  return [...said, ...(below === '' ? [] : [`not __fish_seen_subcommand_from ${below}`])].join('; and ');
}

function optionText({ long, description, takesValue, choices }: OptionShape): string {
  const values = choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : ' -r -F';
  return `-l ${long.slice(2)} -d ${quoted(description)}${takesValue ? values : ''}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
