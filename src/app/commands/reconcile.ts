import { Command } from 'commander';
import type { ReconcileAnswer } from '../control/server-status.ts';
import { EXIT_FINDINGS } from './exit.ts';
import { askServer, serverOption } from './server-client.ts';
import { describeReconciled } from './status-text.ts';

export function reconcileCommand(): Command {
  return new Command('reconcile')
    .description('Fetch the repository now, and wait until its newest commit serves or is refused')
    .addOption(serverOption())
    .option(
      '--retry',
      'try the newest commit once more, although it was rejected, or frozen because a proxy refused it',
    )
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample:\n  headgate reconcile')
    .action(async (options: { readonly server: string; readonly retry?: true; readonly json?: true }) => {
      const path = options.retry ? '/reconcile?retry=true' : '/reconcile';
      const { body } = await askServer(options.server, 'POST', path);
      const answer = body as ReconcileAnswer;
      process.stdout.write(options.json ? `${JSON.stringify(answer)}\n` : describeReconciled(answer));
      if (answer.state !== 'serving') process.exitCode = EXIT_FINDINGS;
    });
}
