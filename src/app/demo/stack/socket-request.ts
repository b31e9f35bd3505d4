import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** The body that a server on a Unix socket answers to a GET. */
export async function askOverSocket(socketPath: string, path: string): Promise<string> {
  const asked = request({ socketPath, path });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return text(response);
}
