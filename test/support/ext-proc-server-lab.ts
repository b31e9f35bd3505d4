import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProcessingReply, ProcessingRequest } from '../../src/core/exchange/messages.ts';
import {
  type ExchangeOpening,
  type ExtProcLimits,
  type ExtProcServer,
  type ExtProcTls,
  startExtProcServer,
} from '../../src/io/http/ext-proc-server.ts';
import type { EndReason, ExchangeOutput, ExchangeSender, ExtProcFailure } from '../../src/io/http/ext-proc-stream.ts';
import type { ListenAddress } from '../../src/io/net/listen-address.ts';
import { connectExtProc, type ExtProcClient } from './ext-proc-client.ts';
import { type Call, type ClientTls, openCall } from './ext-proc-client-call.ts';

export interface LabOptions {
  readonly listen?: ListenAddress;
  readonly unixSocket?: boolean;
  /** Connects one more client to this server in place of starting one. */
  readonly join?: ExtProcServer;
  readonly tls?: ExtProcTls;
  readonly clientTls?: ClientTls;
  readonly limits?: ExtProcLimits;
  readonly isReady?: () => boolean;
  /** What an exchange says to a message; a reply of the message's kind when left out. */
  readonly answer?: (message: ProcessingRequest) => ExchangeOutput;
}

/** What the server's side of one exchange saw. */
export interface SeenExchange {
  readonly opening: ExchangeOpening;
  readonly sender: ExchangeSender;
  readonly messages: ProcessingRequest[];
  readonly ends: EndReason[];
  readonly ended: Promise<EndReason>;
  readonly messageArrived: Promise<void>;
}

export interface ServerLab {
  readonly server: ExtProcServer;
  readonly client: ExtProcClient;
  readonly exchanges: SeenExchange[];
  readonly failures: ExtProcFailure[];
  nextExchange(): Promise<SeenExchange>;
  health(service: string): Call;
  stop(): Promise<void>;
}

/** A server whose exchanges only note what they see, and one client of it. */
export async function startServerLab(options: LabOptions = {}): Promise<ServerLab> {
  const exchanges: SeenExchange[] = [];
  const failures: ExtProcFailure[] = [];
  const takers: ((exchange: SeenExchange) => void)[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'headgate-ext-proc-'));
  const listen = options.listen ?? (options.unixSocket ? { path: join(folder, 'ep.sock') } : LOOPBACK);
  const server =
    options.join ??
    (await startExtProcServer({
      listen,
      isReady: options.isReady ?? (() => true),
      onFailure: (failure) => failures.push(failure),
      ...(options.limits && { limits: options.limits }),
      ...(options.tls && { tls: options.tls }),
      onExchange: (opening, sender) => {
        const ended = Promise.withResolvers<EndReason>();
        const arrived = Promise.withResolvers<void>();
        const exchange: SeenExchange = {
          opening,
          sender,
          messages: [],
          ends: [],
          ended: ended.promise,
          messageArrived: arrived.promise,
        };
        exchanges.push(exchange);
        takers.shift()?.(exchange);
        return {
          message: (message) => {
            exchange.messages.push(message);
            arrived.resolve();
            return options.answer?.(message) ?? { replies: [passOf(message)] };
          },
          end: (reason) => {
            exchange.ends.push(reason);
            ended.resolve(reason);
          },
        };
      },
    }));
  const client = await connectExtProc(server.address, options.clientTls);
  return {
    server,
    client,
    exchanges,
    failures,
    nextExchange: () => new Promise((resolve) => void takers.push(resolve)),
    health: (service) => {
      const call = openCall(client.session, '/grpc.health.v1.Health/Check');
      call.send(Buffer.concat([Buffer.of(0x0a, service.length), Buffer.from(service)]));
      return call;
    },
    stop: async () => {
      await client.close();
      await server.drain(0);
      await rm(folder, { recursive: true });
    },
  };
}

const LOOPBACK: ListenAddress = { host: '127.0.0.1', port: 0 };

/** Says nothing but "go on". */
export function passOf(message: ProcessingRequest): ProcessingReply {
  return { kind: message.kind };
}
