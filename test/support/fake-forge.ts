import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ForgeKind } from '../../src/io/forge/commit-status.ts';
import type { CloudEvent } from '../../src/io/forge/send-event.ts';
import { FORGE_RULES, type ForgeBody, type ForgeSecrets, type HeldStatus, wrongEvent } from './fake-forge-rules.ts';

/** A forge, and a receiver of events beside it. */
export interface FakeForge {
  /** What stands in the settings as `api`. */
  readonly api: string;
  /** Where events are taken. */
  readonly hook: string;
  /** What it took, in its order. */
  readonly statuses: readonly HeldStatus[];
  readonly events: readonly CloudEvent[];
  /** `POST 201 /repos/...`: everything that it was asked. */
  readonly log: readonly string[];
  /** Answers the next requests so, whatever they are. `hang` is no answer at all. */
  readonly answerNext: (...replies: readonly ScriptedReply[]) => void;
  readonly close: () => Promise<void>;
}

type ScriptedReply = Reply | 'hang';

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

export interface FakeForgeOptions extends Partial<ForgeSecrets> {
  readonly kind: ForgeKind;
  /** Of the events, in the form of Standard Webhooks. */
  readonly hookSecret?: string;
  /** Default: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export const FORGE_TOKEN = 'forge-token-7f2c1d';
export const FORGE_REPOSITORY = 'acme/gateway-config';
export const HOOK_SECRET = `whsec_${Buffer.from('a secret of twenty-four.').toString('base64')}`;

/** More than any status or event needs. */
const BODY_BYTES_MAX = 1024 * 1024;

/** A real server that checks what it is sent as the real forges document it, and holds it. */
export async function startFakeForge(options: FakeForgeOptions): Promise<FakeForge> {
  const secrets: ForgeSecrets = {
    ...{ token: FORGE_TOKEN, repository: FORGE_REPOSITORY, hasCommit: () => true },
    ...options,
  };
  const { kind, hookSecret = HOOK_SECRET, tls } = options;
  const rules = FORGE_RULES[kind];
  const statuses: HeldStatus[] = [];
  const events: CloudEvent[] = [];
  const log: string[] = [];
  const script: ScriptedReply[] = [];

  const answer = (incoming: IncomingMessage, text: string): Reply => {
    const path = incoming.url ?? '';
    const body = parsed(text);
    if (incoming.method !== 'POST' || body === undefined)
      return { status: 400, body: { message: 'Problems parsing JSON' } };
    const request = { path: path.slice(rules.apiPath.length), headers: incoming.headers, body, text };
    if (path === '/hook') {
      const wrong = wrongEvent(request, hookSecret);
      if (wrong !== undefined) return { status: 400, body: { wrong } };
      events.push(body as CloudEvent);
      return { status: 202 };
    }
    const judged = rules.judge(request, secrets, statuses);
    if ('body' in judged) return judged;
    statuses.push(judged);
    return { status: 201, body: judged };
  };
  const take: RequestListener = (incoming, outgoing) => {
    void readBody(incoming).then((text) => {
      const reply = script.shift() ?? answer(incoming, text);
      log.push(`${incoming.method} ${reply === 'hang' ? reply : reply.status} ${incoming.url}`);
      if (reply !== 'hang') respond(outgoing, reply);
    });
  };
  const server = tls === undefined ? createServer(take) : createTlsServer(tls, take);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const home = tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`;
  return {
    ...{ api: `${home}${rules.apiPath}`, hook: `${home}/hook`, statuses, events, log },
    answerNext: (...replies) => script.push(...replies),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): ForgeBody | undefined {
  try {
    return JSON.parse(text) as ForgeBody;
  } catch {
    return undefined;
  }
}

function respond(outgoing: ServerResponse, { status, headers = {}, body = { message: 'as scripted' } }: Reply): void {
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers });
  outgoing.end(JSON.stringify(body));
}
