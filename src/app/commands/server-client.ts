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

export interface ServerAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Asks the server. Throws ServerUnreachable, which says what to check. */
export async function askServer(server: string, method: 'GET' | 'POST', path: string): Promise<ServerAnswer> {
  try {
    const response = await fetch(new URL(path, server), { method, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    return { status: response.status, body: await response.json() };
  } catch (cause) {
    throw new ServerUnreachable(`no answer from ${server}; is "headgate serve" running there?`, { cause });
  }
}
