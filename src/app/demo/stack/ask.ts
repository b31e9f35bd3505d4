import { present } from '../../../core/base/assert.ts';
import { type LoadResult, sendLoad } from '../../../sim/load/send-load.ts';
import type { DemoStack } from './demo-stack.ts';

/** One chat completion, as a client of team red sends it. */
export interface Ask {
  readonly prompt: string;
  /** Default: chat-small. */
  readonly model?: string;
  readonly stream?: boolean;
  /** The longest answer, in tokens. With it the answer is exactly so long. */
  readonly tokens?: number;
  /** What a split is stable in. */
  readonly session?: string;
}

export interface AskOptions {
  /** Requests at a time, over all proxies together. */
  readonly concurrency: number;
  readonly onResult?: (result: LoadResult) => void;
}

const COMPLETIONS = '/v1/chat/completions';

/** Sends the requests in turn to each proxy; the results in the order of the requests. */
export async function askAll(stack: DemoStack, asks: readonly Ask[], options: AskOptions): Promise<LoadResult[]> {
  const { proxies } = stack;
  const { onResult } = options;
  const results = await Promise.all(
    proxies.map(({ url }, proxy) => {
      const own = asks.filter((_, index) => index % proxies.length === proxy);
      return sendLoad({
        url: `${url}${COMPLETIONS}`,
        requests: own.length,
        concurrency: Math.max(1, Math.round(options.concurrency / proxies.length)),
        makeRequest: (index) => requestOf(stack, present(own[index], 'a request of the load')),
        ...(onResult === undefined ? {} : { onResult }),
      });
    }),
  );
  return asks.map((_, index) =>
    present(results[index % proxies.length]?.[Math.floor(index / proxies.length)], 'the result of a request'),
  );
}

/** One request, through the first proxy. */
export async function askOne(stack: DemoStack, ask: Ask): Promise<LoadResult> {
  const [result] = await askAll(stack, [ask], { concurrency: 1 });
  return present(result, 'the result of the request');
}

/** The decision's id in an answer; empty where there is none. */
export function decisionOf(result: Pick<LoadResult, 'headers'>): string {
  return String(result.headers['headgate-decision'] ?? '');
}

/** The code of an error answer in the API's shape; undefined for any other. */
export function errorCodeOf(result: LoadResult): string | undefined {
  if (result.outcome !== 'http-error') return undefined;
  try {
    return (JSON.parse(result.text) as { error?: { code?: string } }).error?.code;
  } catch {
    return undefined;
  }
}

function requestOf({ key }: DemoStack, { prompt, model = 'chat-small', stream = false, tokens, session }: Ask) {
  return {
    body: {
      model,
      messages: [{ role: 'user', content: prompt }],
      stream,
      ...(tokens === undefined ? {} : { max_tokens: tokens, ignore_eos: true }),
    },
    headers: {
      authorization: `Bearer ${key}`,
      ...(session === undefined ? {} : { 'headgate-session': session }),
    },
  };
}
