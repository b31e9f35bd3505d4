import { Command, Option } from 'commander';
import { formatListenAddress } from '../../io/net/listen-address.ts';
import { startDecider } from '../decide/start-decider.ts';
import { createLog } from '../log.ts';
import { type DecideOptions, decideSettings } from '../settings/decide-settings.ts';
import { durationOption } from './duration-option.ts';
import { endSignal } from './end-signal.ts';

export function decideCommand(): Command {
  return new Command('decide')
    .description('Decide the requests of proxies by what a control plane serves, until SIGINT or SIGTERM')
    .requiredOption('--control-plane <address>', 'headgate serve, its address for deciders: HOST:PORT or unix:PATH')
    .option('--state <folder>', 'where revisions and records are kept', 'decider-state')
    .option('--ext-proc <address>', 'where proxies ask for decisions', '127.0.0.1:18011')
    .option('--admin <address>', 'status, records and metrics', '127.0.0.1:18012')
    .option('--advertise <address>', 'where proxies reach it: IP:PORT, unix:PATH or none (default: where it listens)')
    .option('--name <name>', 'its name among the deciders (default: one that the state folder keeps)')
    .addOption(
      new Option('--drain <duration>', 'how long open exchanges may go on at the end')
        .argParser(durationOption)
        .default(durationOption(DRAIN), DRAIN),
    )
    .option('--tls-authority <file>', 'mutual TLS: who signs the certificates of the control plane and of the proxies')
    .option('--tls-certificate <file>', "mutual TLS: this decider's certificate")
    .option('--tls-key <file>', "mutual TLS: this decider's key")
    .option('--tls-server-name <name>', "mutual TLS: the name in the control plane's certificate (default: its host)")
    .option('--log-level <level>', 'error, warn, info or debug', 'info')
    .addHelpText('after', '\nExample:\n  headgate decide --control-plane 127.0.0.1:18004 --state decider-1')
    .action(async (options: DecideOptions & { readonly logLevel: string }) => {
      const log = createLog(options.logLevel);
      const decider = await startDecider(decideSettings(options), log);
      const { extProc, admin } = decider.addresses;
      // One line on standard output for whoever started us and waits.
      process.stdout.write(
        `${JSON.stringify({ extProc: formatListenAddress(extProc), admin: formatListenAddress(admin) })}\n`,
      );
      await endSignal();
      log.info({}, 'ending');
      await decider.close();
    });
}

/** The longest answers are cut after it, at the proxies where their guardrails watch them. */
const DRAIN = '60s';
