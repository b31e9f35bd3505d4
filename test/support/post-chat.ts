import type { DemoStack } from '../../src/app/demo/stack/demo-stack.ts';

export interface ChatPost {
  /** Default: that of chat completions. */
  readonly path?: string | undefined;
  /** A text is sent as it is. */
  readonly body: unknown;
  /** None where undefined. */
  readonly key: string | undefined;
  readonly signal?: AbortSignal;
}

/** Sends a chat, or what shall not pass for one, through the first proxy. */
export function postChat({ proxies }: DemoStack, { path, body, key, signal }: ChatPost): Promise<Response> {
  return fetch(`${proxies[0]?.url}${path ?? '/v1/chat/completions'}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

export function userSays(content: string): { role: 'user'; content: string }[] {
  return [{ role: 'user', content }];
}

/** The decision's id in an answer; empty where there is none. */
export function decisionIn(answer: Response): string {
  return answer.headers.get('headgate-decision') ?? '';
}
