import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { Option } from 'commander';

/** Where a running `headgate serve` answers, for commands that ask it. */
export function serverOption(): Option {
  return new Option('--server <url>', 'the admin address of a running headgate serve: http://HOST:PORT or unix:PATH')
    .env('HEADGATE_SERVER')
    .default('http://127.0.0.1:18002');
}

class ServerUnreachable extends Error {
  override readonly name = 'ServerUnreachable';
  readonly code = 'server-unreachable';
}

/** A status page is quick; a reconcile waits for a fetch and for the proxies. */
const ANSWER_TIMEOUT_MS = 90_000;

/** The server is there, and could not do what it was asked; the code is its own. */
class ServerFailed extends Error {
  override readonly name = 'ServerFailed';
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

export interface ServerAnswer {
  /** 304 only where `ifChangedFrom` was given: then there is no body. */
  readonly status: 200 | 304 | 404;
  readonly body: unknown;
  /** By what the next ask may say that it has this answer. */
  readonly tag: string | undefined;
}

export interface Asked {
  /** Sent as JSON. */
  readonly body?: object;
  /** The tag of an answer that is here: the server says 304 where it would give the same again. */
  readonly ifChangedFrom?: string;
}

/** Asks the server. Throws ServerUnreachable, which says what to check, and ServerFailed with what the server said. */
export async function askServer(
  server: string,
  method: 'GET' | 'POST',
  path: string,
  asked: Asked = {},
): Promise<ServerAnswer> {
  const { status, body, tag } = await answerOf(server, method, path, asked);
  if (status === 200 || status === 304 || status === 404) return { status, body, tag };
  const { code, message } = saidBy(body);
  throw new ServerFailed(`${server} answered ${status}${message === '' ? '' : `: ${message}`}`, code);
}

/** The body of a page that every server has. Throws as askServer does. */
export async function askPage(
  server: string,
  method: 'GET' | 'POST',
  path: string,
  asked: Asked = {},
): Promise<{ readonly body: unknown; readonly tag: string | undefined }> {
  const { status, body, tag } = await askServer(server, method, path, asked);
  if (status !== 404) return { body, tag };
  const { code, message } = saidBy(body);
  throw new ServerFailed(`${server} answered 404: ${message}; is it of another version?`, code);
}

function saidBy(body: unknown): { readonly code: string; readonly message: string } {
  const { code, message } = (body ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  return {
    code: typeof code === 'string' ? code : 'server-failed',
    message: typeof message === 'string' ? message : '',
  };
}

async function answerOf(
  server: string,
  method: string,
  path: string,
  { body, ifChangedFrom }: Asked,
): Promise<{ readonly status: number; readonly body: unknown; readonly tag: string | undefined }> {
  try {
    const headers = {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(ifChangedFrom === undefined ? {} : { 'if-none-match': ifChangedFrom }),
    };
    const response = await send(server, path, { method, headers }, body === undefined ? '' : JSON.stringify(body));
    const { statusCode: status = 0 } = response;
    const said = await text(response);
    return { status, body: status === 304 ? undefined : JSON.parse(said), tag: response.headers.etag };
  } catch (cause) {
    throw new ServerUnreachable(`no answer from ${server}; is "headgate serve" running there?`, { cause });
  }
}

function send(server: string, path: string, options: object, body: string): Promise<IncomingMessage> {
  const socketPath = server.startsWith('unix:') ? server.slice('unix:'.length) : undefined;
  const url = new URL(path, socketPath === undefined ? server : 'http://localhost');
  const timed = { ...options, agent: false, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) } as const;
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...timed, ...(socketPath === undefined ? {} : { socketPath }) }, resolve);
    sent.once('error', reject);
    sent.end(body);
  });
}
