import { type CommandShape, type OptionShape, takesPath } from './command-shape.ts';

/** The script that `source <(headgate completion bash)` reads. */
export function bashCompletion(program: CommandShape): string {
  return [
    '# bash completion of headgate; made by "headgate completion bash"',
    '_headgate() {',
    `  local current=${parameter('COMP_WORDS[COMP_CWORD]')} previous=${parameter('COMP_WORDS[COMP_CWORD-1]')} command=headgate word`,
    `  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do`,
    '    case "$command $word" in',
    ...allCommands(program).map(
      ({ words }) => `      ${quoted(words.join(' '))}) command=${quoted(words.join(' '))} ;;`,
    ),
    '    esac',
    '  done',
    '  case "$command $previous" in',
    ...[program, ...allCommands(program)].flatMap(({ words, options }) =>
      options.filter(({ takesValue }) => takesValue).map((option) => valueCase(words, option)),
    ),
    '  esac',
    '  case "$command" in',
    ...[program, ...allCommands(program)].map(wordsCase),
    '  esac',
    '}',
    'complete -o default -F _headgate headgate',
    '',
  ].join('\n');
}

function allCommands(command: CommandShape): CommandShape[] {
  return command.commands.flatMap((below) => [below, ...allCommands(below)]);
}

/** The values of an option; without known ones the names of files. */
function valueCase(words: readonly string[], { long, choices }: OptionShape): string {
  const reply =
    choices.length === 0 ? 'COMPREPLY=()' : `COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$current"))`;
  return `    ${quoted([...words, long].join(' '))}) ${reply}; return ;;`;
}

function wordsCase({ words, options, commands, arguments: taken }: CommandShape): string {
  const choices = taken.flatMap((argument) => argument.choices);
  const all = [
    ...commands.map((below) => below.words.at(-1) ?? ''),
    ...choices,
    ...options.map(({ long }) => long),
    '--help',
  ];
  const list = `COMPREPLY=($(compgen -W ${quoted(all.join(' '))} -- "$current"))`;
  // Files come by `-o default` where nothing else fits; a word that is no option is then left to it.
  const reply = taken.some(takesPath) ? `[[ $current == -* ]] && ${list}` : list;
  return `    ${quoted(words.join(' '))}) ${reply} ;;`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A parameter expansion of the shell. */
function parameter(name: string): string {
  return `\${${name}}`;
}
