import { Command } from 'commander';
import type { ServerStatus } from '../control/server-status.ts';
import { askServer, serverOption } from './server-client.ts';
import { describeStatus } from './status-text.ts';

export function statusCommand(): Command {
  return new Command('status')
    .description('Show what serves: the revision, the newest commit, and every proxy with what it has acknowledged')
    .addOption(serverOption())
    .option('--json', 'print the status as JSON')
    .addHelpText('after', '\nExample:\n  headgate status --server http://127.0.0.1:18002')
    .action(async (options: { readonly server: string; readonly json?: true }) => {
      const { body } = await askServer(options.server, 'GET', '/status');
      process.stdout.write(options.json ? `${JSON.stringify(body)}\n` : describeStatus(body as ServerStatus));
    });
}
