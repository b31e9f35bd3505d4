import { Command } from 'commander';
import type { ExplainedRecord } from '../explain/explained-record.ts';
import { EXIT_FINDINGS } from './exit.ts';
import { askServer, serverOption } from './server-client.ts';

export function explainCommand(): Command {
  return new Command('explain')
    .description('Say why a request was decided as it was: the record of one decision and the lines that made it so')
    .argument('<id>', 'the decision, from the answer header headgate-decision')
    .addOption(serverOption())
    .option('--json', 'print the record as JSON')
    .addHelpText('after', '\nExample:\n  headgate explain 01jz8m3q4r5s6t7v8w9x0y1z2a')
    .action(async (id: string, options: { readonly server: string; readonly json?: true }) => {
      const { status, body } = await askServer(options.server, 'GET', `/records/${encodeURIComponent(id)}`);
      if (status === 404) {
        process.stderr.write(`headgate: there is no record "${id}"\n`);
        process.exitCode = EXIT_FINDINGS;
        return;
      }
      const explained = body as ExplainedRecord;
      process.stdout.write(options.json ? `${JSON.stringify(explained)}\n` : `${explained.lines.join('\n')}\n`);
    });
}
