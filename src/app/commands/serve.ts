import { Command } from 'commander';
import { formatListenAddress } from '../../io/net/listen-address.ts';
import { createLog } from '../log.ts';
import { startHeadgate } from '../serve.ts';
import { readBootSettings } from '../settings/boot-settings.ts';
import { endSignal } from './end-signal.ts';

export function serveCommand(): Command {
  return new Command('serve')
    .description('Watch the repository, serve xDS to the fleets and decide their requests, until SIGINT or SIGTERM')
    .requiredOption('--settings <file>', 'the boot settings: repository, secrets, addresses')
    .option('--log-level <level>', 'error, warn, info or debug', 'info')
    .addHelpText('after', '\nExample:\n  headgate serve --settings headgate.yaml')
    .action(async (options: { readonly settings: string; readonly logLevel: string }) => {
      const log = createLog(options.logLevel);
      const headgate = await startHeadgate(readBootSettings(options.settings), log);
      const { xds, extProc, admin } = headgate.addresses;
      // One line on standard output for whoever started us and waits.
      process.stdout.write(
        `${JSON.stringify({ xds: formatListenAddress(xds), extProc: formatListenAddress(extProc), admin: formatListenAddress(admin) })}\n`,
      );
      await endSignal();
      log.info({}, 'ending');
      await headgate.close();
    });
}
