import type { ClientHttp2Session } from 'node:http2';
import {
  type Call,
  type ClientTls,
  connectHttp2,
  openCall,
  PROCESS_PATH,
  type ServerAddress,
} from './ext-proc-client-call.ts';
import { runExchange } from './ext-proc-client-exchange.ts';
import { OUTER_FILTER } from './ext-proc-client-filter.ts';
import type { ExchangePlan, ExchangeResult } from './ext-proc-client-plan.ts';
import { FilterStream } from './ext-proc-client-stream.ts';

/**
 * Envoy's side of ext_proc, without Envoy: sends what Envoy 1.40 sends for a request (by protobuf-es, not by our codec) and
 * refuses what Envoy would refuse, drop or count as spurious. One client is one HTTP/2 connection.
 */
export interface ExtProcClient {
  readonly session: ClientHttp2Session;
  /** One HTTP request from beginning to end. Rejects with EnvoyRefusal. */
  exchange(plan: ExchangePlan): Promise<ExchangeResult>;
  /** A bare stream, for tests of bytes. */
  call(initialMetadata?: { readonly [name: string]: string }): Call;
  close(): Promise<void>;
}

/** How long a reply may take in a test, when its plan does not say. */
const REPLY_MS = 5_000;

export async function connectExtProc(address: ServerAddress, tls?: ClientTls): Promise<ExtProcClient> {
  const session = await connectHttp2(address, tls);
  const call = (initialMetadata?: { readonly [name: string]: string }) =>
    openCall(session, PROCESS_PATH, { ...initialMetadata });
  return {
    session,
    call,
    exchange: (plan) => {
      const stream = new FilterStream(
        call(plan.initialMetadata),
        plan.filter ?? OUTER_FILTER,
        plan.replyMs ?? REPLY_MS,
      );
      return runExchange(stream, plan);
    },
    close: async () => {
      if (session.destroyed) return;
      const closed = new Promise<void>((resolve) => void session.once('close', resolve));
      session.destroy();
      await closed;
    },
  };
}
