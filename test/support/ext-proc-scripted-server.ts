import type { ModeOverride, ProcessingReply, ProcessingRequest } from '../../src/core/exchange/messages.ts';
import type { ExchangeOutput } from '../../src/io/http/ext-proc-stream.ts';
import type { AnswerPlan, ExchangePlan, ExchangeResult } from './ext-proc-client-plan.ts';
import { passOf, type ServerLab, startServerLab } from './ext-proc-server-lab.ts';

/** What a server says, by the kind of message; a pass where it says nothing else. */
export type Script = { readonly [kind in ProcessingRequest['kind']]?: (message: ProcessingRequest) => ExchangeOutput };

const labs: ServerLab[] = [];

export async function startScript(script: Script): Promise<ServerLab> {
  const started = await startServerLab({
    answer: (message) => script[message.kind]?.(message) ?? { replies: [passOf(message)] },
  });
  labs.push(started);
  return started;
}

export async function stopScripts(): Promise<void> {
  for (const started of labs.splice(0)) await started.stop();
}

/** One exchange of a chat request against a scripted server. */
export async function runScript(script: Script, plan: Partial<ExchangePlan> = {}): Promise<ExchangeResult> {
  const { client } = await startScript(script);
  return client.exchange({ request: CHAT, ...plan });
}

export function says(...replies: ProcessingReply[]): () => ExchangeOutput {
  return () => ({ replies });
}

export const CHAT: ExchangePlan['request'] = { headers: [[':path', '/v1/chat/completions']], body: '{"model":"m"}' };

export const USAGE = { status: 'COMPLETE', inputTokens: 3, outputTokens: 5 } as const;

export function sse(chunks: string[], usage = true): () => AnswerPlan {
  return () => ({
    status: 200,
    headers: [['content-type', 'text/event-stream']],
    chunks,
    ...(usage && { usage: USAGE }),
  });
}

export const FULL_DUPLEX: ModeOverride = {
  requestHeaderMode: 'SEND',
  requestBodyMode: 'BUFFERED',
  requestTrailerMode: 'SKIP',
  responseHeaderMode: 'SEND',
  responseBodyMode: 'FULL_DUPLEX_STREAMED',
  responseTrailerMode: 'SEND',
};

export const DENY: ProcessingReply = {
  kind: 'immediate',
  status: 403,
  headers: [['content-type', 'application/json']],
  body: '{"error":{}}',
  details: 'headgate_policy',
  dynamicMetadata: { 'headgate.reply': { ready: true } },
};
