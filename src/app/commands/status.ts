import { Command } from 'commander';
import type { ServerStatus } from '../control/server-status.ts';
import { serverOption } from './server-client.ts';
import { jsonOption, type ShowOptions, showPage, watchOption } from './show-page.ts';
import { describeStatus, statusChanges } from './status-text.ts';

export function statusCommand(): Command {
  return new Command('status')
    .description('Show what serves: the revision, the newest commit, and every proxy with what it has acknowledged')
    .addOption(serverOption())
    .addOption(watchOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  headgate status --server http://127.0.0.1:18002\n  headgate status --watch')
    .action(async (options: ShowOptions) => {
      await showPage<ServerStatus>({ path: '/status', text: describeStatus, changes: statusChanges }, options);
    });
}
