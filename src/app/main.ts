import { Command, CommanderError } from 'commander';
import { bootstrapCommand } from './commands/bootstrap.ts';
import { demoCommand } from './commands/demo.ts';
import { EXIT_USAGE, reportFailure } from './commands/exit.ts';
import { explainCommand } from './commands/explain.ts';
import { keyCommand } from './commands/key.ts';
import { reconcileCommand } from './commands/reconcile.ts';
import { serveCommand } from './commands/serve.ts';
import { statusCommand } from './commands/status.ts';
import { validateCommand } from './commands/validate.ts';

const program = new Command('headgate')
  .description('A policy-as-code control plane for AI inference traffic: Git in, a running Envoy fleet out.')
  .showHelpAfterError('(headgate --help lists the commands)')
  .exitOverride();

for (const command of [
  validateCommand(),
  serveCommand(),
  bootstrapCommand(),
  statusCommand(),
  reconcileCommand(),
  explainCommand(),
  keyCommand(),
  demoCommand(),
]) {
  program.addCommand(command.exitOverride());
}

try {
  await program.parseAsync();
} catch (cause) {
  if (cause instanceof CommanderError) {
    // Help and version end well; all else is the user's command line.
    process.exitCode = cause.exitCode === 0 ? 0 : EXIT_USAGE;
  } else {
    reportFailure(cause);
  }
}
