import { fstatSync, mkdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import {
  type BootstrapSettings,
  bootstrap,
  ENVOY_ARGUMENTS,
  type ServerPlace,
  type SocketPlace,
} from '../../core/envoy/bootstrap.ts';
import { type ServerTls, secretFiles } from '../../core/envoy/client-tls.ts';
import { parseListenAddress } from '../settings/listen-address.ts';

interface BootstrapOptions {
  readonly fleet: string;
  readonly nodeId?: string;
  readonly port: Readonly<Record<string, number>>;
  readonly label: Readonly<Record<string, string>>;
  readonly region?: string;
  readonly zone?: string;
  readonly subZone?: string;
  readonly xds: SocketPlace;
  readonly extProc: SocketPlace;
  readonly admin: SocketPlace;
  readonly adminPort?: number;
  readonly loadReports?: true;
  readonly tls?: string | true;
  readonly tlsAuthority?: string;
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
  readonly tlsServerName?: string;
  readonly out?: string;
}

/** Where `--tls` looks, and what the files are called there: as in a Kubernetes Secret of type kubernetes.io/tls. */
const TLS_FOLDER = '/etc/headgate/tls';
const TLS_FILES = { authority: 'ca.crt', certificate: 'tls.crt', key: 'tls.key' };
/** What `--out` writes. */
const FILES = { bootstrap: 'envoy.json', certificate: 'sds-certificate.json', authority: 'sds-authority.json' };

export function bootstrapCommand(): Command {
  return new Command('bootstrap')
    .description('Print the bootstrap file of one Envoy, and on standard error the command line to start it with')
    .requiredOption('--fleet <cluster>', "the Fleet's match.cluster; Envoy's node.cluster")
    .option('--node-id <id>', 'the name of this proxy, unique among all (default: the fleet and the name of this host)')
    .option('--port <listener=port...>', 'where this proxy listens instead of the port in the Fleet', collectPort, {})
    .option('--label <name=value...>', 'what waves of a rollout choose by, such as ring=canary', collectLabel, {})
    .option('--region <name>', 'where the proxy stands: node.locality.region')
    .option('--zone <name>', 'where the proxy stands: node.locality.zone')
    .option('--sub-zone <name>', 'where the proxy stands: node.locality.sub_zone')
    .option('--xds <address>', 'headgate serve, its xDS address', parsePlace, parsePlace('127.0.0.1:18000'))
    .option('--ext-proc <address>', 'headgate serve, its ext_proc address', parsePlace, parsePlace('127.0.0.1:18001'))
    .option('--admin <address>', "Envoy's own admin address", parsePlace, parsePlace('127.0.0.1:9901'))
    .option('--admin-port <port>', "Envoy's own admin port on loopback, in place of --admin", parsePort)
    .option('--load-reports', 'report how upstreams fare, where the boot settings say how often')
    .option('--tls [folder]', `mutual TLS to headgate: a folder with ca.crt, tls.crt and tls.key, else ${TLS_FOLDER}`)
    .option('--tls-authority <file>', 'mutual TLS to headgate: the authority of its certificate')
    .option('--tls-certificate <file>', "mutual TLS to headgate: this proxy's certificate")
    .option('--tls-key <file>', "mutual TLS to headgate: this proxy's key")
    .option('--tls-server-name <name>', "the name or address in headgate's certificate (default: the host in --xds)")
    .option(
      '--out <folder>',
      'write the bootstrap there, and print the command line; renewed certificates are followed',
    )
    .addHelpText(
      'after',
      [
        '\nExamples:',
        '  headgate bootstrap --fleet edge --node-id edge-1 --port api=10001 > edge-1.json',
        `  envoy --config-path edge-1.json ${ENVOY_ARGUMENTS.join(' ')}`,
        '  headgate bootstrap --fleet edge --tls --xds headgate.example.com:18000 --ext-proc headgate.example.com:18001 --out edge-1',
      ].join('\n'),
    )
    .action((options: BootstrapOptions) => {
      if (options.out === undefined) return printBootstrap(options);
      writeBootstrap(options, options.out);
    });
}

function printBootstrap(options: BootstrapOptions): void {
  process.stdout.write(json(bootstrap(settingsOf(options, tlsOf(options)))));
  process.stderr.write(`start it with: ${commandLine(outputFile() ?? 'FILE')}\n`);
}

/** The file into which standard output goes (`> edge-1.json`), where there is one and the system tells it. */
function outputFile(): string | undefined {
  try {
    const { fd } = process.stdout;
    return fstatSync(fd).isFile() ? relative(process.cwd(), readlinkSync(`/proc/self/fd/${fd}`)) : undefined;
  } catch {
    return undefined;
  }
}

/** Envoy reads renewed PEM files again when they come through files of secrets beside the bootstrap. */
function writeBootstrap(options: BootstrapOptions, out: string): void {
  const folder = resolve(out);
  mkdirSync(folder, { recursive: true });
  const place = (name: string) => join(folder, name);
  const read = tlsOf(options);
  const tls = read && {
    ...absolute(read),
    secretFiles: { certificate: place(FILES.certificate), authority: place(FILES.authority) },
  };
  if (tls !== undefined) {
    const { certificate, authority } = secretFiles(tls);
    writeFileSync(tls.secretFiles.certificate, json(certificate));
    writeFileSync(tls.secretFiles.authority, json(authority));
  }
  const file = place(FILES.bootstrap);
  writeFileSync(file, json(bootstrap(settingsOf(options, tls))));
  process.stdout.write(`${commandLine(relative(process.cwd(), file))}\n`);
}

function settingsOf(options: BootstrapOptions, tls: ServerTls | undefined): BootstrapSettings {
  const { region, zone, subZone, adminPort } = options;
  const locality = {
    ...(region === undefined ? {} : { region }),
    ...(zone === undefined ? {} : { zone }),
    ...(subZone === undefined ? {} : { subZone }),
  };
  const server = (at: SocketPlace): ServerPlace => (tls === undefined || 'pipe' in at ? { at } : { at, tls });
  return {
    nodeId: options.nodeId ?? `${options.fleet}-${hostname()}`,
    cluster: options.fleet,
    ...(Object.keys(locality).length === 0 ? {} : { locality }),
    labels: options.label,
    reportsLoad: options.loadReports === true,
    ports: options.port,
    admin: adminPort === undefined ? options.admin : { host: '127.0.0.1', port: adminPort },
    xds: server(options.xds),
    extProc: server(options.extProc),
  };
}

function tlsOf(options: BootstrapOptions): ServerTls | undefined {
  const { tls, tlsAuthority, tlsCertificate, tlsKey } = options;
  if ([tls, tlsAuthority, tlsCertificate, tlsKey].every((option) => option === undefined)) return undefined;
  const folder = typeof tls === 'string' ? tls : TLS_FOLDER;
  const serverName = options.tlsServerName ?? ('pipe' in options.xds ? undefined : options.xds.host);
  if (serverName === undefined) {
    throw new InvalidArgumentError('TLS is for TCP addresses: name one with --xds, or give --tls-server-name');
  }
  return {
    authorityPath: tlsAuthority ?? join(folder, TLS_FILES.authority),
    certificatePath: tlsCertificate ?? join(folder, TLS_FILES.certificate),
    keyPath: tlsKey ?? join(folder, TLS_FILES.key),
    serverName,
  };
}

function absolute(tls: ServerTls): ServerTls {
  const { authorityPath, certificatePath, keyPath } = tls;
  return {
    ...tls,
    authorityPath: resolve(authorityPath),
    certificatePath: resolve(certificatePath),
    keyPath: resolve(keyPath),
  };
}

function commandLine(file: string): string {
  return ['envoy', '--config-path', file, ...ENVOY_ARGUMENTS].join(' ');
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function parsePlace(text: string): SocketPlace {
  const address = parseListenAddress(text);
  return 'path' in address ? { pipe: address.path } : address;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= PORT_MAX) return port;
  throw new InvalidArgumentError(`write a port from 0 to ${PORT_MAX}`);
}

const PORT_MAX = 65_535;

function collectPort(text: string, earlier: Record<string, number>): Record<string, number> {
  const match = /^([a-z0-9-]+)=([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port < 1 || port > PORT_MAX)
    throw new InvalidArgumentError('write LISTENER=PORT, such as api=10001');
  return { ...earlier, [match[1] ?? '']: port };
}

function collectLabel(text: string, earlier: Record<string, string>): Record<string, string> {
  const [, name, value] = /^([^=]{1,63})=(.{1,63})$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('write NAME=VALUE, such as ring=canary');
  return { ...earlier, [name]: value };
}
