import { type ArgumentShape, type CommandShape, type OptionShape, takesPath } from './command-shape.ts';

/** The script that goes to a file `_headgate` on zsh's `fpath`. */
export function zshCompletion(program: CommandShape): string {
  return [
    '#compdef headgate',
    '# zsh completion of headgate; made by "headgate completion zsh"',
    ...functionsOf(program),
    'if [ "$funcstack[1]" = "_headgate" ]; then _headgate "$@"; else compdef _headgate headgate; fi',
    '',
  ].join('\n');
}

/** A function for each command; one with commands below it hands the rest of the words on. */
function functionsOf(command: CommandShape): string[] {
  const { options, commands, arguments: taken } = command;
  const specs = [...options.map(optionSpec), quoted('--help[display help for command]')];
  if (commands.length === 0) {
    return [`${nameOf(command)}() {`, `  _arguments ${[...specs, ...taken.map(argumentSpec)].join(' ')}`, '}'];
  }
  const described = commands.map((below) => quoted(`${below.words.at(-1)}:${escaped(below.description)}`));
  return [
    ...commands.flatMap(functionsOf),
    `${nameOf(command)}() {`,
    '  local context state line',
    `  _arguments -C ${[...specs, "'1: :->command'", "'*:: :->rest'"].join(' ')}`,
    '  case $state in',
    `    command) local -a commands=(${described.join(' ')}); _describe command commands ;;`,
    '    rest) case $line[1] in',
    ...commands.map((below) => `      ${below.words.at(-1)}) ${nameOf(below)} ;;`),
    '    esac ;;',
    '  esac',
    '}',
  ];
}

function nameOf({ words }: CommandShape): string {
  return `_${words.join('_').replaceAll('-', '_')}`;
}

function optionSpec({ long, description, takesValue, choices }: OptionShape): string {
  const value = takesValue ? `:${long.slice(2)}:${choices.length > 0 ? `(${choices.join(' ')})` : '_files'}` : '';
  return quoted(`${long}${takesValue ? '=' : ''}[${escaped(description)}]${value}`);
}

function argumentSpec(argument: ArgumentShape): string {
  const said = `${escaped(argument.description)}:${valuesOf(argument)}`;
  // Any number of them may be none at all; two colons behind the star would let no option follow.
  if (argument.term.includes('...')) return quoted(`*:${said}`);
  return quoted(`${argument.term.startsWith('[') ? '::' : ':'}${said}`);
}

function valuesOf(argument: ArgumentShape): string {
  if (argument.choices.length > 0) return `(${argument.choices.join(' ')})`;
  return takesPath(argument) ? '_files' : ' ';
}

function escaped(text: string): string {
  return text.replaceAll(/[\\:[\]]/g, (character) => `\\${character}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
