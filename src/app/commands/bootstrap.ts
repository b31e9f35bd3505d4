import { Command, InvalidArgumentError } from 'commander';
import { bootstrap, ENVOY_ARGUMENTS, type ServerPlace, type SocketPlace } from '../../core/envoy/bootstrap.ts';
import { parseListenAddress } from '../settings/listen-address.ts';

interface BootstrapOptions {
  readonly fleet: string;
  readonly nodeId: string;
  readonly port: Readonly<Record<string, number>>;
  readonly xds: SocketPlace;
  readonly extProc: SocketPlace;
  readonly admin: SocketPlace;
  readonly tlsAuthority?: string;
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
  readonly tlsServerName?: string;
}

export function bootstrapCommand(): Command {
  return new Command('bootstrap')
    .description('Print the bootstrap file of one Envoy, and on standard error the command line to start it with')
    .requiredOption('--fleet <cluster>', "the Fleet's match.cluster; Envoy's node.cluster")
    .requiredOption('--node-id <id>', 'the name of this proxy, unique among all')
    .option('--port <listener=port...>', 'where this proxy listens instead of the port in the Fleet', collectPort, {})
    .option('--xds <address>', 'headgate serve, its xDS address', parsePlace, parsePlace('127.0.0.1:18000'))
    .option('--ext-proc <address>', 'headgate serve, its ext_proc address', parsePlace, parsePlace('127.0.0.1:18001'))
    .option('--admin <address>', "Envoy's own admin address", parsePlace, parsePlace('127.0.0.1:9901'))
    .option('--tls-authority <file>', 'mutual TLS to headgate: the authority of its certificate')
    .option('--tls-certificate <file>', "mutual TLS to headgate: this proxy's certificate")
    .option('--tls-key <file>', "mutual TLS to headgate: this proxy's key")
    .option('--tls-server-name <name>', "mutual TLS to headgate: the name in headgate's certificate")
    .addHelpText(
      'after',
      '\nExample:\n  headgate bootstrap --fleet edge --node-id edge-1 --port api=10001 > edge-1.json\n  envoy --config-path edge-1.json ' +
        ENVOY_ARGUMENTS.join(' '),
    )
    .action((options: BootstrapOptions) => {
      process.stdout.write(bootstrapText(options));
      process.stderr.write(`start it with: envoy --config-path FILE ${ENVOY_ARGUMENTS.join(' ')}\n`);
    });
}

/** The bootstrap file as text. */
function bootstrapText(options: BootstrapOptions): string {
  const json = bootstrap({
    nodeId: options.nodeId,
    cluster: options.fleet,
    ports: options.port,
    admin: options.admin,
    xds: server(options.xds, options),
    extProc: server(options.extProc, options),
  });
  return `${JSON.stringify(json, null, 2)}\n`;
}

function server(at: SocketPlace, options: BootstrapOptions): ServerPlace {
  const { tlsAuthority, tlsCertificate, tlsKey, tlsServerName } = options;
  if (tlsAuthority === undefined && tlsCertificate === undefined && tlsKey === undefined) return { at };
  if (
    tlsAuthority === undefined ||
    tlsCertificate === undefined ||
    tlsKey === undefined ||
    tlsServerName === undefined
  ) {
    throw new InvalidArgumentError('TLS needs --tls-authority, --tls-certificate, --tls-key and --tls-server-name');
  }
  return {
    at,
    tls: {
      authorityPath: tlsAuthority,
      certificatePath: tlsCertificate,
      keyPath: tlsKey,
      serverName: tlsServerName,
    },
  };
}

function parsePlace(text: string): SocketPlace {
  const address = parseListenAddress(text);
  return 'path' in address ? { pipe: address.path } : address;
}

function collectPort(text: string, earlier: Record<string, number>): Record<string, number> {
  const match = /^([a-z0-9-]+)=([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port < 1 || port > 65_535)
    throw new InvalidArgumentError('write LISTENER=PORT, such as api=10001');
  return { ...earlier, [match[1] ?? '']: port };
}
