import { Argument, Command } from 'commander';
import { bashCompletion } from '../command-line/bash-completion.ts';
import { type CommandShape, commandShape } from '../command-line/command-shape.ts';
import { fishCompletion } from '../command-line/fish-completion.ts';
import { zshCompletion } from '../command-line/zsh-completion.ts';

const SCRIPTS: Readonly<Record<string, (program: CommandShape) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** `loadProgram` gives the whole program, of which this command is a part. */
export function completionCommand(loadProgram: () => Promise<Command>): Command {
  return new Command('completion')
    .description('Print the script by which a shell completes commands, options and their values')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SCRIPTS)))
    .addHelpText(
      'after',
      '\nExample:\n  headgate completion bash > ~/.local/share/bash-completion/completions/headgate\n  headgate completion fish > ~/.config/fish/completions/headgate.fish',
    )
    .action(async (shell: string) => {
      const script = SCRIPTS[shell];
      if (script !== undefined) process.stdout.write(script(commandShape(await loadProgram())));
    });
}
