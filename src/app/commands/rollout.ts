import { Command } from 'commander';
import type { RolloutStatus } from '../control/rollout-view.ts';
import type { ReleaseAnswer } from '../control/server-status.ts';
import { EXIT_FINDINGS } from './exit.ts';
import { describeReleased, describeRollout, rolloutChanges } from './rollout-text.ts';
import { askPage, serverOption } from './server-client.ts';
import { jsonOption, type ShowOptions, showPage, watchOption } from './show-page.ts';

type OrderOptions = Omit<ShowOptions, 'watch'>;

export function rolloutCommand(): Command {
  return new Command('rollout')
    .description('Show and steer how a commit reaches the fleets, wave by wave')
    .addHelpText('after', '\nExample:\n  headgate rollout status --watch')
    .addCommand(statusCommand())
    .addCommand(orderCommand('pause', 'Let no wave follow another, for any commit, until resume; gates are watched on'))
    .addCommand(orderCommand('resume', 'Let waves follow one another again'))
    .addCommand(releaseCommand());
}

function statusCommand(): Command {
  return new Command('status')
    .description('Show which commit is on its way, how far it is in each fleet, and what its gates compare')
    .addOption(serverOption())
    .addOption(watchOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  headgate rollout status --watch')
    .action(async (options: ShowOptions) => {
      await showPage<RolloutStatus>({ path: '/rollout', text: describeRollout, changes: rolloutChanges }, options);
    });
}

function orderCommand(name: 'pause' | 'resume', description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(serverOption())
    .addOption(jsonOption())
    .addHelpText('after', `\nExample:\n  headgate rollout ${name}`)
    .action(async ({ server, json }: OrderOptions) => {
      const { body } = await askPage(server, 'POST', `/rollout/${name}`);
      process.stdout.write(json ? `${JSON.stringify(body)}\n` : describeRollout(body as RolloutStatus));
    });
}

function releaseCommand(): Command {
  return new Command('release')
    .description(
      'Try a commit once more that was stopped, the newest where none is named, and wait for what comes of it',
    )
    .argument('[commit]', 'its id, or the beginning; an older one is tried when a commit brings its content again')
    .addOption(serverOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExit status: 1 where it does not serve.\n\nExamples:\n  headgate rollout release\n  headgate rollout release 4f5e6d7',
    )
    .action(async (commit: string | undefined, { server, json }: OrderOptions) => {
      const query = commit === undefined ? '' : `?commit=${encodeURIComponent(commit)}`;
      const answer = (await askPage(server, 'POST', `/rollout/release${query}`)).body as ReleaseAnswer;
      process.stdout.write(json ? `${JSON.stringify(answer)}\n` : describeReleased(answer));
      if (answer.state !== 'serving' && answer.state !== 'released') process.exitCode = EXIT_FINDINGS;
    });
}
