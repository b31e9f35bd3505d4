import { CommanderError, InvalidArgumentError } from 'commander';
import { EXIT_USAGE, reportFailure } from './commands/exit.ts';
import { createProgram } from './program.ts';

// Whoever read our output has enough of it (`head`): that is no failure.
process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
  if (cause.code !== 'EPIPE') throw cause;
  process.exit();
});

try {
  const program = await createProgram(process.argv[2]);
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
