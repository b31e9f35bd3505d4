import { Command } from 'commander';
import { countOption } from './count-option.ts';
import { EXIT_FINDINGS } from './exit.ts';
import { askServer, serverOption } from './server-client.ts';

interface RecordsOptions {
  readonly server: string;
  readonly corpus?: true;
  readonly limit?: number;
}

export function recordsCommand(): Command {
  return new Command('records')
    .description('Print the decision records of a running server as JSON lines')
    .addOption(serverOption())
    .option('--corpus', 'what "headgate plan --corpus" replays: facts of decisions, the oldest first, without any text')
    .option(
      '--limit <count>',
      'how many of the latest requests (default: 50; with --corpus all, up to 20000)',
      countOption,
    )
    .addHelpText(
      'after',
      '\nExamples:\n  headgate records --limit 10\n  headgate records --corpus > week.jsonl\n  headgate plan main..HEAD --corpus week.jsonl',
    )
    .action(printRecords);
}

async function printRecords({ server, corpus, limit }: RecordsOptions): Promise<void> {
  const query = new URLSearchParams({
    ...(corpus === true ? { format: 'corpus' } : {}),
    ...(limit === undefined ? {} : { limit: String(limit) }),
  });
  const { status, body } = await askServer(server, 'GET', `/records?${query}`);
  if (status !== 200 || !Array.isArray(body)) {
    process.stderr.write(`headgate: the server answered ${status} and no records\n`);
    process.exitCode = EXIT_FINDINGS;
    return;
  }
  for (const record of body) process.stdout.write(`${JSON.stringify(record)}\n`);
}
