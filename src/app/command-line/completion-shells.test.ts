import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { describeWhereInstalled } from '../../../test/support/require-tool.ts';
import { createProgram } from '../program.ts';
import { commandShape } from './command-shape.ts';
import { fishCompletion } from './fish-completion.ts';
import { zshCompletion } from './zsh-completion.ts';

const shape = commandShape(await createProgram());
const folder = mkdtempSync(join(tmpdir(), 'headgate-completion-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What is typed, and what is offered for its last word. */
const CASES: readonly (readonly [what: string, typed: string, offered: readonly string[]])[] = [
  ['commands', 'headgate re', ['reconcile', 'records']],
  ['commands of a command', 'headgate key n', ['new']],
  ['options', 'headgate key new --e', ['--expires']],
  ['options after arguments', 'headgate fmt routes --d', ['--diff']],
  ['values of an option', 'headgate validate --fail-on ', ['error', 'warning']],
  ['values of an argument', 'headgate completion z', ['zsh']],
  ['files where a folder is asked for', `headgate validate ${folder}/a-f`, [`${folder}/a-file`]],
];

writeFileSync(join(folder, 'a-file'), '');

describeWhereInstalled('fish', 'fish completes', () => {
  writeFileSync(join(folder, 'headgate.fish'), fishCompletion(shape));

  test.each(CASES)('%s', (_what, typed, offered) => {
    const script = `set fish_complete_path; source ${folder}/headgate.fish; complete -C $argv[1]`;
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', script, typed], { encoding: 'utf8' });
    const words = stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0] ?? '']));
    expect({ words, stderr }).toEqual({ words: offered, stderr: '' });
  });
});

/** A zsh in a terminal of its own, whose `compadd` writes down what it is given. `-O`, `-A` and `-D` add nothing. */
const ZSH_INNER = `
autoload -Uz compinit && compinit -u -D
source ${folder}/_headgate
compadd() {
  [[ "\${(j: :)@[1,(i)(-|--)]}" == *-[OAD]* ]] && { builtin compadd "$@"; return }
  local -a hits prefix
  zparseopts -E p:=prefix
  builtin compadd -A hits "$@"
  print -rl -- "\${prefix[2]}"\${^hits} >> ${folder}/offered
}
PS1=READY
`;
const ZSH_OUTER = `
zmodload zsh/zpty
zpty inner 'ZDOTDIR=${folder} zsh -i'
zpty -r inner seen '*READY*'
zpty -w -n inner "$1"$'\\t'
zpty -w -n inner $'\\C-uexit\\n'
while zpty -r inner seen; do :; done
`;

describeWhereInstalled('zsh', 'zsh completes', () => {
  writeFileSync(join(folder, '_headgate'), zshCompletion(shape));
  writeFileSync(join(folder, '.zshrc'), ZSH_INNER);

  test.each(CASES)('%s', (_what, typed, offered) => {
    writeFileSync(join(folder, 'offered'), '');
    const { stderr } = spawnSync('zsh', ['-f', '-c', ZSH_OUTER, 'zsh', typed], { encoding: 'utf8' });
    const words = readFileSync(join(folder, 'offered'), 'utf8').split('\n').filter(Boolean);
    expect({ words: [...new Set(words)].sort(), stderr }).toEqual({ words: offered, stderr: '' });
  });
});
