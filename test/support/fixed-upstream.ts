import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server that answers every chat with the same bytes: an engine, where every byte or moment of it matters. */
export interface FixedUpstream {
  /** `ip:port`. */
  readonly address: string;
  /** Bodies of the chats it received. */
  readonly bodies: string[];
  /** From now on nothing is answered, until `release` answers all that waits. */
  readonly hold: () => void;
  readonly release: () => void;
  readonly close: () => Promise<void>;
}

export interface FixedAnswer {
  /** 200 when left out. */
  readonly status?: number;
  readonly contentType: string;
  readonly contentEncoding?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Each is written by itself. */
  readonly pieces: readonly Uint8Array[];
}

/** `answerTo` gives the answer to a request, by its body. */
export async function startFixedUpstream(answerTo: (body: string) => FixedAnswer): Promise<FixedUpstream> {
  const bodies: string[] = [];
  let released = Promise.withResolvers<void>();
  released.resolve();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    bodies.push(body);
    await released.promise;
    const { status = 200, contentType, contentEncoding, headers, pieces } = answerTo(body);
    response.writeHead(status, {
      ...headers,
      'content-type': contentType,
      ...(contentEncoding === undefined ? {} : { 'content-encoding': contentEncoding }),
    });
    writePieces(
      pieces,
      (piece) => response.write(piece),
      () => response.end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    hold: () => {
      released = Promise.withResolvers<void>();
    },
    release: () => released.resolve(),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** One piece a turn, so that they leave as packets of their own. */
function writePieces(pieces: readonly Uint8Array[], write: (piece: Uint8Array) => void, end: () => void): void {
  const [first, ...rest] = pieces;
  if (first === undefined) {
    end();
    return;
  }
  write(first);
  setImmediate(writePieces, rest, write, end);
}
