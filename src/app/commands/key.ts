import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { digestOfText } from '../../core/base/digest.ts';

/** 256 bits: nobody guesses it, and its plain digest needs no salt. */
const KEY_BYTES = 32;

export function keyCommand(): Command {
  const command = new Command('key')
    .description('API keys of callers')
    .addHelpText('after', '\nExample:\n  headgate key new --name red-ci --team red');
  command
    .command('new')
    .description('Make a key: printed once here, known to headgate by its hash alone')
    .requiredOption('--name <name>', 'the name of the Key document')
    .requiredOption('--team <team>', 'the team that the key belongs to')
    .option('--expires <date>', 'the last day on which the key works, such as 2027-06-30')
    .addHelpText('after', '\nExample:\n  headgate key new --name red-ci --team red')
    .action((options: KeyOptions) => printNewKey(options));
  return command;
}

interface KeyOptions {
  readonly name: string;
  readonly team: string;
  readonly expires?: string;
}

function printNewKey(options: KeyOptions): void {
  const key = newKey();
  process.stderr.write('The key, shown this one time (store it where the caller reads it):\n');
  process.stdout.write(`${key}\n`);
  process.stderr.write(`\nCommit this document:\n\n${keyDocument(options, key)}`);
}

export function newKey(): string {
  return `hg_${randomBytes(KEY_BYTES).toString('base64url')}`;
}

function keyDocument(options: KeyOptions, key: string): string {
  const expires = options.expires === undefined ? '' : `, expires: "${options.expires}"`;
  return [
    'apiVersion: headgate.dev/v1',
    'kind: Key',
    `metadata: { name: ${options.name} }`,
    `spec: { team: ${options.team}, hash: "${digestOfText(key)}"${expires} }`,
    '',
  ].join('\n');
}
