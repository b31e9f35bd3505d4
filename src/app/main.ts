import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { EXIT_USAGE, reportFailure } from './commands/exit.ts';

/** Each is loaded when it is asked for: to print one record no server, compiler or simulator need be loaded. */
const COMMANDS = new Map<string, () => Promise<Command>>([
  ['validate', async () => (await import('./commands/validate.ts')).validateCommand()],
  ['serve', async () => (await import('./commands/serve.ts')).serveCommand()],
  ['bootstrap', async () => (await import('./commands/bootstrap.ts')).bootstrapCommand()],
  ['status', async () => (await import('./commands/status.ts')).statusCommand()],
  ['reconcile', async () => (await import('./commands/reconcile.ts')).reconcileCommand()],
  ['explain', async () => (await import('./commands/explain.ts')).explainCommand()],
  ['explain-code', async () => (await import('./commands/explain-code.ts')).explainCodeCommand()],
  ['fix', async () => (await import('./commands/fix.ts')).fixCommand()],
  ['init', async () => (await import('./commands/init.ts')).initCommand()],
  ['fmt', async () => (await import('./commands/fmt.ts')).fmtCommand()],
  ['key', async () => (await import('./commands/key.ts')).keyCommand()],
  ['demo', async () => (await import('./commands/demo.ts')).demoCommand()],
]);

const program = new Command('headgate')
  .description('A policy-as-code control plane for AI inference traffic: Git in, a running Envoy fleet out.')
  .showHelpAfterError('(headgate --help lists the commands)')
  .exitOverride();

const asked = COMMANDS.get(process.argv[2] ?? '');
for (const load of asked === undefined ? COMMANDS.values() : [asked]) {
  program.addCommand((await load()).exitOverride());
}

try {
  await program.parseAsync();
} catch (cause) {
  if (cause instanceof InvalidArgumentError) {
    // One that an action found: of its own parsing commander has told already.
    process.stderr.write(`error: ${cause.message}\n`);
    process.exitCode = EXIT_USAGE;
  } else if (cause instanceof CommanderError) {
    // Help and version end well; all else is the user's command line.
    process.exitCode = cause.exitCode === 0 ? 0 : EXIT_USAGE;
  } else {
    reportFailure(cause);
  }
}
