import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { OverrideOrder, SourceControlState } from '../source/source-control.ts';
import { durationOption } from './duration-option.ts';
import { askPage, serverOption } from './server-client.ts';
import { jsonOption } from './show-page.ts';
import { orderLines } from './source-text.ts';

interface SourceOptions {
  readonly server: string;
  readonly json?: true;
}

interface OverrideOptions extends SourceOptions {
  readonly commit?: string;
  readonly directory?: string;
  readonly for?: number;
  readonly reason: string;
}

/** Long enough to mend what is wrong, short enough to be seen to. */
const OVERRIDE_MS = 4 * 3_600_000;

export function sourceCommand(): Command {
  return new Command('source')
    .description('Stop, hold or replace what the repository says, until it is taken back; each order is logged')
    .addHelpText('after', '\nExample:\n  headgate source suspend --reason "incident 17"')
    .addCommand(suspendCommand())
    .addCommand(plainCommand('resume', 'Take commits again, after suspend', '/source/resume'))
    .addCommand(pinCommand())
    .addCommand(plainCommand('unpin', 'Follow the ref again, after pin', '/source/unpin'))
    .addCommand(overrideCommand())
    .addCommand(plainCommand('end-override', 'End an override before its time', '/source/end-override'))
    .addCommand(showCommand());
}

function orderCommand(name: string, description: string): Command {
  return new Command(name).description(description).addOption(serverOption()).addOption(jsonOption());
}

function suspendCommand(): Command {
  return orderCommand('suspend', 'Take no commit any more, whatever asks for one; what serves stays')
    .requiredOption('--reason <text>', 'why: shown in the status')
    .addHelpText('after', '\nExample:\n  headgate source suspend --reason "no changes before the launch"')
    .action(async (options: SourceOptions & { readonly reason: string }) => {
      await order(options, '/source/suspend', { reason: options.reason });
    });
}

function pinCommand(): Command {
  return orderCommand('pin', 'Serve one commit in place of the ref, until unpin')
    .argument('<commit>', 'its 40 hexadecimal digits')
    .addHelpText('after', '\nExample:\n  headgate source pin 3f0c1d2e4b5a69788796a5b4c3d2e1f00f1e2d3c')
    .action(async (commit: string, options: SourceOptions) => {
      await order(options, '/source/pin', { commit });
    });
}

function overrideCommand(): Command {
  return orderCommand('override', 'Serve something else for a time, without asking for its signature')
    .option('--commit <commit>', 'a commit of the repository, by its 40 hexadecimal digits')
    .option('--directory <dir>', 'a folder on the machine of the server')
    .option('--for <duration>', 'how long, 7d at most (default: 4h)', durationOption)
    .requiredOption('--reason <text>', 'why: shown in the status')
    .addHelpText(
      'after',
      '\nExample:\n  headgate source override --directory /srv/emergency --for 2h --reason "Git is down"',
    )
    .action(async (options: OverrideOptions) => {
      const from = overrideSource(options);
      const asked: OverrideOrder = { from, untilMs: Date.now() + (options.for ?? OVERRIDE_MS), reason: options.reason };
      await order(options, '/source/override', asked);
    });
}

function overrideSource({ commit, directory }: OverrideOptions): OverrideOrder['from'] {
  if (commit !== undefined && directory === undefined) return { kind: 'commit', commit };
  if (directory !== undefined && commit === undefined) return { kind: 'directory', directory: resolve(directory) };
  throw new InvalidArgumentError('name either --commit or --directory');
}

function plainCommand(name: string, description: string, path: string): Command {
  return orderCommand(name, description)
    .addHelpText('after', `\nExample:\n  headgate source ${name}`)
    .action((options: SourceOptions) => order(options, path, {}));
}

function showCommand(): Command {
  return orderCommand('show', 'Show what operators ordered of the source')
    .addHelpText('after', '\nExample:\n  headgate source show --json')
    .action(async (options: SourceOptions) => print((await askPage(options.server, 'GET', '/source')).body, options));
}

async function order(options: SourceOptions, path: string, body: object): Promise<void> {
  print((await askPage(options.server, 'POST', path, { body })).body, options);
}

function print(state: unknown, { json }: SourceOptions): void {
  if (json) process.stdout.write(`${JSON.stringify(state)}\n`);
  else process.stdout.write(`${describeOrders(state as SourceControlState).join('\n')}\n`);
}

function describeOrders(state: SourceControlState): string[] {
  const lines = orderLines(state, Date.now());
  return lines.length === 0 ? ['the source follows its ref'] : lines;
}
