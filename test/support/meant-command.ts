import type { Command } from 'commander';
import { createProgram } from '../../src/app/program.ts';

/** Takes a command line of ours apart and does nothing: the words of the command that it means. Rejects as commander does. */
export async function meantCommand(line: string): Promise<string> {
  let meant = 'none';
  const silence = (command: Command, path: readonly string[]): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    if (command.commands.length === 0) {
      command.action(() => {
        meant = path.join(' ');
      });
    }
    for (const each of command.commands) silence(each, [...path, each.name()]);
  };
  const program = await createProgram();
  silence(program, ['headgate']);
  await program.parseAsync(words(line), { from: 'user' });
  return meant;
}

/** The words of a command line up to a pipe or a redirection, without the program itself. */
function words(line: string): string[] {
  const [command = ''] = line.split(/ [>|] /);
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].slice(1).map(([, a, b, c]) => a ?? b ?? c ?? '');
}
