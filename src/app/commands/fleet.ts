import { Command, Option } from 'commander';
import { type FleetView, PROXY_STATES, type ProxyState } from '../control/fleet-view.ts';
import { countOption } from './count-option.ts';
import { EXIT_FINDINGS } from './exit.ts';
import { describeFleet, describeProxy, fleetChanges } from './fleet-text.ts';
import { serverOption } from './server-client.ts';
import { jsonOption, type ShowOptions, showPage, watchOption } from './show-page.ts';

interface FleetOptions extends ShowOptions {
  readonly fleet?: string;
  readonly state?: ProxyState;
  readonly limit?: number;
}

/** As many proxies as a screen or two can show. */
const LIMIT = 50;
/** A watch without a screen tells of each: as many as the server gives. */
const WATCH_LIMIT = 20_000;

export function fleetCommand(): Command {
  return new Command('fleet')
    .description('Show the proxies: by revision, state and version, who is behind, and what was refused at which line')
    .argument('[node]', 'one proxy by its node id, with all that is known of it')
    .option('--fleet <cluster>', 'only the proxies of this fleet')
    .addOption(new Option('--state <state>', 'only the proxies in this state').choices(PROXY_STATES))
    .option('--limit <count>', `how many proxies (default: ${LIMIT})`, countOption)
    .addOption(serverOption())
    .addOption(watchOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      [
        '\nExit status: 1 where no such proxy is connected.',
        '\nExamples:',
        '  headgate fleet',
        '  headgate fleet --fleet edge --state straggler --watch',
        '  headgate fleet edge-1 --json',
      ].join('\n'),
    )
    .action(async (node: string | undefined, options: FleetOptions) => {
      const { fleet, state, watch } = options;
      const limit = options.limit ?? (watch && !process.stdout.isTTY ? WATCH_LIMIT : LIMIT);
      const asked = { node, fleet, state, limit: String(limit) };
      const given = Object.entries(asked).filter((entry): entry is [string, string] => entry[1] !== undefined);
      const text = node === undefined ? describeFleet : describeProxy;
      const path = `/fleet?${new URLSearchParams(given)}`;
      const changes = fleetChanges(state === undefined ? 'disconnected' : `no longer ${state}`);
      const view = await showPage<FleetView>({ path, text, changes }, options);
      if (node === undefined || view.matching > 0) return;
      process.stderr.write(`no proxy "${node}" is connected\n`);
      process.exitCode = EXIT_FINDINGS;
    });
}
