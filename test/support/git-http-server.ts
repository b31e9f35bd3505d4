import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net';
import { dirname } from 'node:path';
import { createAuthority, issueCertificate } from '../../src/sim/certificates.ts';

/** A forge that serves one real repository over https by git's own server side. */
export interface GitHttpServer {
  readonly url: string;
  /** Who signed its certificate, as PEM. */
  readonly authorityPem: string;
  /** Issues what a client may show. */
  readonly issue: () => { readonly certificatePem: string; readonly privateKeyPem: string };
  /** The Authorization header that it asks for, if any; it may be changed at any time. */
  authorization: string | undefined;
  /** The address that it sends all others to, if any. */
  redirectTo: string | undefined;
  /** Whether it lets anyone push. */
  allowsPush: boolean;
  readonly requests: { readonly method: string; readonly path: string; readonly client: string }[];
  readonly close: () => Promise<void>;
}

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** @param repository a folder with a repository; `asksForCertificate` refuses clients that show none of `issue` */
export async function startGitHttpServer(
  repository: string,
  { asksForCertificate = false }: { readonly asksForCertificate?: boolean } = {},
): Promise<GitHttpServer> {
  const authority = createAuthority();
  const { certificatePem, privateKeyPem } = issueCertificate(authority, { hosts: ['127.0.0.1', 'localhost'] });
  const tls = { cert: certificatePem, key: privateKeyPem, ca: authority.certificatePem };
  const server = createServer({ ...tls, requestCert: asksForCertificate, rejectUnauthorized: asksForCertificate });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  const forge: GitHttpServer = {
    url: `https://127.0.0.1:${port}/config.git`,
    authorityPem: authority.certificatePem,
    issue: () => issueCertificate(authority, { hosts: ['client'] }),
    authorization: undefined,
    redirectTo: undefined,
    allowsPush: false,
    requests: [],
    close: () => end(server),
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const peer = 'getPeerCertificate' in request.socket ? peerOf(request.socket) : '';
    forge.requests.push({ method: request.method ?? '', path: request.url ?? '', client: peer });
    const isElsewhere = forge.redirectTo !== undefined && request.headers.host !== new URL(forge.redirectTo).host;
    if (isElsewhere) {
      const location = `${forge.redirectTo}${request.url?.replace('/config.git', '')}`;
      response.writeHead(302, { location }).end();
    } else if (forge.authorization !== undefined && request.headers.authorization !== forge.authorization) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="config"' }).end();
    } else if (!forge.allowsPush && request.url?.includes('git-receive-pack')) {
      response.writeHead(403).end();
    } else {
      serveByGit(repository, request, response);
    }
  });
  return forge;
}

function peerOf(socket: object): string {
  const { getPeerCertificate } = socket as { getPeerCertificate: () => { subject?: { CN?: string } } };
  return getPeerCertificate.call(socket)?.subject?.CN ?? '';
}

/** Runs `git http-backend` (CGI, RFC 3875) for one request. */
function serveByGit(repository: string, request: IncomingMessage, response: ServerResponse): void {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      GIT_CONFIG_KEY_1: 'http.receivepack',
      GIT_CONFIG_VALUE_1: 'true',
      GIT_PROJECT_ROOT: dirname(repository),
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: path.replace('/config.git', repository.slice(dirname(repository).length).concat('/.git')),
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: 'somebody',
    },
  });
  child.stdin.on('error', () => undefined);
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.once('close', () => {
    const answer = Buffer.concat(chunks);
    const headEnd = answer.indexOf('\r\n\r\n');
    const head = answer.toString('latin1', 0, headEnd).split('\r\n');
    const headers = head.map((line) => line.split(': ') as [string, string]);
    const status = Number(headers.find(([name]) => name === 'Status')?.[1].slice(0, 3) ?? 200);
    response.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== 'Status')));
    response.end(answer.subarray(headEnd + 4));
  });
}

/** A proxy for CONNECT, which counts the tunnels that it opened. */
export interface ConnectProxy {
  readonly url: string;
  readonly tunnels: string[];
  readonly close: () => Promise<void>;
}

export async function startConnectProxy(): Promise<ConnectProxy> {
  const tunnels: string[] = [];
  const server = createTcpServer((client) => {
    client.on('error', () => undefined);
    client.once('data', (head: Buffer) => {
      const target = /^CONNECT ([^ :]+):(\d+) /.exec(head.toString('latin1'));
      tunnels.push(target?.slice(1).join(':') ?? 'no tunnel');
      const upstream = connect(Number(target?.[2]), target?.[1] ?? '', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
      });
      upstream.on('error', () => client.destroy());
    });
  });
  await listen(server);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tunnels, close: () => end(server) };
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

async function end(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
