import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { createProgram } from '../program.ts';
import { bashCompletion } from './bash-completion.ts';
import { type CommandShape, commandShape } from './command-shape.ts';
import { fishCompletion } from './fish-completion.ts';
import { zshCompletion } from './zsh-completion.ts';

const script = bashCompletion(commandShape(await createProgram()));

/** What bash offers where the last word is being typed. */
function offered(...typed: string[]): { words: string[]; stderr: string } {
  const call = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _headgate; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', `${script}\n${call}`, 'bash', 'headgate', ...typed], {
    encoding: 'utf8',
  });
  return { words: stdout.split('\n').filter((line) => line !== ''), stderr };
}

test.each([
  ['commands', ['re'], ['reconcile', 'records']],
  ['commands of a command', ['key', ''], ['new', '--help']],
  ['options', ['key', 'new', '--e'], ['--expires']],
  ['options after arguments', ['fmt', 'routes', '--d'], ['--diff']],
  ['values of an option', ['validate', '--fail-on', ''], ['error', 'warning']],
  ['values of an argument', ['completion', 'z'], ['zsh']],
  ['files, which bash adds itself, where a folder is asked for', ['validate', ''], []],
  ['files behind an option that takes one', ['serve', '--settings', ''], []],
])('bash completes %s', (_what, typed, expected) => {
  expect(offered(...typed)).toEqual({ words: expected, stderr: '' });
});

const SAMPLE: CommandShape = {
  words: ['headgate'],
  description: 'A sample',
  arguments: [],
  options: [],
  examples: [],
  commands: [
    {
      words: ['headgate', 'check-it'],
      description: "Look: it's [fine]",
      arguments: [{ term: '[places...]', description: 'where', choices: [] }],
      options: [
        {
          long: '--format',
          term: '--format <f>',
          description: 'how',
          takesValue: true,
          choices: ['a', 'b'],
          required: false,
        },
        { long: '--dry', term: '--dry', description: 'nothing', takesValue: false, choices: [], required: false },
      ],
      commands: [],
      examples: [],
    },
  ],
};

test('zsh gets a function for each command', () => {
  expect(zshCompletion(SAMPLE).split('\n')).toEqual([
    '#compdef headgate',
    '# zsh completion of headgate; made by "headgate completion zsh"',
    '_headgate_check_it() {',
    "  _arguments '--format=[how]:format:(a b)' '--dry[nothing]' '--help[display help for command]' '*:where:_files'",
    '}',
    '_headgate() {',
    '  local context state line',
    "  _arguments -C '--help[display help for command]' '1: :->command' '*:: :->rest'",
    '  case $state in',
    "    command) local -a commands=('check-it:Look\\: it'\\''s \\[fine\\]'); _describe command commands ;;",
    '    rest) case $line[1] in',
    '      check-it) _headgate_check_it ;;',
    '    esac ;;',
    '  esac',
    '}',
    'if [ "$funcstack[1]" = "_headgate" ]; then _headgate "$@"; else compdef _headgate headgate; fi',
    '',
  ]);
});

test('fish gets a line for each word', () => {
  expect(fishCompletion(SAMPLE).split('\n')).toEqual([
    '# fish completion of headgate; made by "headgate completion fish"',
    'complete -c headgate -f',
    "complete -c headgate -n '__fish_use_subcommand' -a 'check-it' -d 'Look: it\\'s [fine]'",
    "complete -c headgate -n '__fish_seen_subcommand_from check-it' -F",
    "complete -c headgate -n '__fish_seen_subcommand_from check-it' -l format -d 'how' -x -a 'a b'",
    "complete -c headgate -n '__fish_seen_subcommand_from check-it' -l dry -d 'nothing'",
    '',
  ]);
});
