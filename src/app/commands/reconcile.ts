import { Command } from 'commander';
import type { ReconcileAnswer } from '../control/server-status.ts';
import { EXIT_FINDINGS } from './exit.ts';
import { askPage, serverOption } from './server-client.ts';
import { describeReconciled } from './status-text.ts';

interface ReconcileOptions {
  readonly server: string;
  readonly retry?: true;
  readonly force?: true;
  readonly requestedAt?: string;
  readonly json?: true;
}

export function reconcileCommand(): Command {
  return new Command('reconcile')
    .description('Fetch the repository now, and wait until its newest commit serves or is refused')
    .addOption(serverOption())
    .option(
      '--retry',
      'try the newest commit once more, although it was rejected, or frozen because a proxy refused it',
    )
    .option(
      '--force',
      'as --retry, and let it change and remove more than ChangeLimits and the guard against loss allow',
    )
    .option(
      '--requested-at <word>',
      'what the status says as lastHandledReconcileAt once this was handled (default: now)',
    )
    .option('--json', 'print the answer as JSON')
    .addHelpText(
      'after',
      '\nExit status: 1 where the newest commit does not serve.\n\nExamples:\n  headgate reconcile\n  headgate reconcile --force',
    )
    .action(async (options: ReconcileOptions) => {
      const { body } = await askPage(options.server, 'POST', pathOf(options));
      const answer = body as ReconcileAnswer;
      process.stdout.write(options.json ? `${JSON.stringify(answer)}\n` : describeReconciled(answer));
      if (answer.state !== 'serving') process.exitCode = EXIT_FINDINGS;
    });
}

function pathOf({ retry, force, requestedAt = new Date().toISOString() }: ReconcileOptions): string {
  const query = new URLSearchParams({
    requestedAt,
    ...(retry ? { retry: 'true' } : {}),
    ...(force ? { force: 'true' } : {}),
  });
  return `/reconcile?${query}`;
}
