import { Command } from 'commander';
import { type AnyStatus, anyStatusChanges, describeAnyStatus } from './decider-text.ts';
import { durationOption } from './duration-option.ts';
import { EXIT_FINDINGS } from './exit.ts';
import { serverOption } from './server-client.ts';
import { jsonOption, type ShowOptions, showPage, watchOption } from './show-page.ts';
import { describeStatus } from './status-text.ts';
import { conditionOption, type WantedCondition, waitForStatus } from './wait-for-status.ts';

interface StatusOptions extends ShowOptions {
  readonly wait?: WantedCondition;
  readonly commit?: string;
  readonly timeout?: number;
}

const TIMEOUT_MS = 60_000;

export function statusCommand(): Command {
  return new Command('status')
    .description('Show what serves: the revision, the newest commit, and every proxy with what it has acknowledged')
    .addOption(serverOption())
    .addOption(watchOption())
    .addOption(jsonOption())
    .option('--wait <condition>', 'wait until it is so: Ready, Reconciling=False', conditionOption)
    .option('--commit <commit>', 'with --wait: and until this commit serves, or is rejected or stopped')
    .option('--timeout <duration>', 'how long --wait waits (default: 60s)', durationOption)
    .addHelpText(
      'after',
      [
        '\nExit status: 1 where --wait waited in vain.',
        '\nExamples:',
        '  headgate status --server http://127.0.0.1:18002',
        '  headgate status --watch',
        '  headgate status --wait Ready --commit 3f0c1d2 --timeout 5m',
      ].join('\n'),
    )
    .action(async (options: StatusOptions) => {
      if (options.wait === undefined) {
        await showPage<AnyStatus>({ path: '/status', text: describeAnyStatus, changes: anyStatusChanges }, options);
        return;
      }
      await wait(options, options.wait);
    });
}

async function wait({ server, json, commit, timeout = TIMEOUT_MS }: StatusOptions, condition: WantedCondition) {
  const wanted = { condition, ...(commit === undefined ? {} : { commit }) };
  const { outcome, status } = await waitForStatus(server, wanted, timeout);
  process.stdout.write(json ? `${JSON.stringify(status)}\n` : describeStatus(status, Date.now()));
  if (outcome !== 'met') process.exitCode = EXIT_FINDINGS;
}
