import { Option } from 'commander';

/** Where a running `headgate serve` answers, for commands that ask it. */
export function serverOption(): Option {
  return new Option('--server <url>', 'the admin address of a running headgate serve')
    .env('HEADGATE_SERVER')
    .default('http://127.0.0.1:18002');
}

class ServerUnreachable extends Error {
  override readonly name = 'ServerUnreachable';
  readonly code = 'server-unreachable';
}

/** A status page is quick; a reconcile waits for a fetch and for the proxies. */
const ANSWER_TIMEOUT_MS = 90_000;

/** The server is there, and could not do what it was asked. */
class ServerFailed extends Error {
  override readonly name = 'ServerFailed';
  readonly code = 'server-failed';
}

export interface ServerAnswer {
  readonly status: 200 | 404;
  readonly body: unknown;
}

/** Asks the server. Throws ServerUnreachable, which says what to check, and ServerFailed with what the server said. */
export async function askServer(server: string, method: 'GET' | 'POST', path: string): Promise<ServerAnswer> {
  const { status, body } = await answerOf(server, method, path);
  if (status === 200 || status === 404) return { status, body };
  const said = typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : '';
  throw new ServerFailed(`${server} answered ${status}${said === '' ? '' : `: ${said}`}`);
}

async function answerOf(server: string, method: string, path: string): Promise<{ status: number; body: unknown }> {
  try {
    const response = await fetch(new URL(path, server), { method, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    return { status: response.status, body: await response.json() };
  } catch (cause) {
    throw new ServerUnreachable(`no answer from ${server}; is "headgate serve" running there?`, { cause });
  }
}
