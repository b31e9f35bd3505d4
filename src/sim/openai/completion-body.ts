import type { Json } from '../../core/base/canonical-json.ts';

/** Tokens of one request, summed over its choices. */
export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Prompt tokens that the engine's prefix cache held. */
  readonly cachedTokens: number;
}

/** What all parts of one answer have in common. */
export interface AnswerHead {
  readonly api: 'chat' | 'text';
  readonly id: string;
  readonly createdAtSeconds: number;
  readonly model: string;
  /** Fields that only this kind of server adds, such as OpenAI's `service_tier`. */
  readonly extra: { readonly [name: string]: Json };
}

export interface FinishedChoice {
  readonly text: string;
  readonly finish: 'stop' | 'length';
}

/** The body of an answer that is not streamed, as vLLM and OpenAI send it. */
export function wholeBody(head: AnswerHead, choices: readonly FinishedChoice[], usage: Usage): Json {
  return {
    id: head.id,
    object: head.api === 'chat' ? 'chat.completion' : 'text_completion',
    created: head.createdAtSeconds,
    model: head.model,
    choices: choices.map(({ text, finish }, index) => ({
      index,
      ...(head.api === 'chat' ? { message: { role: 'assistant', content: text, refusal: null } } : { text }),
      logprobs: null,
      finish_reason: finish,
    })),
    ...head.extra,
    usage: usageBody(usage),
  };
}

/** The first event of a choice of a streamed chat: the role, before any text. */
export function roleEvent(head: AnswerHead, index: number): string {
  return event(head, [choice(index, { delta: { role: 'assistant', content: '' } }, null)]);
}

/** One token of a choice. */
export function tokenEvent(head: AnswerHead, index: number, text: string): string {
  return event(head, [choice(index, head.api === 'chat' ? { delta: { content: text } } : { text }, null)]);
}

/** The end of a choice. */
export function finishEvent(head: AnswerHead, index: number, finish: 'stop' | 'length'): string {
  return event(head, [choice(index, head.api === 'chat' ? { delta: {} } : { text: '' }, finish)]);
}

/** The last event before `[DONE]` when the request asked for usage: no choices. */
export function usageEvent(head: AnswerHead, usage: Usage): string {
  return event(head, [], usageBody(usage));
}

export const DONE_EVENT = 'data: [DONE]\n\n';

function choice(index: number, part: { readonly [name: string]: Json }, finish: 'stop' | 'length' | null): Json {
  return { index, ...part, logprobs: null, finish_reason: finish };
}

function event(head: AnswerHead, choices: readonly Json[], usage?: Json): string {
  const body = {
    id: head.id,
    object: head.api === 'chat' ? 'chat.completion.chunk' : 'text_completion',
    created: head.createdAtSeconds,
    model: head.model,
    choices,
    ...head.extra,
    ...(usage === undefined ? {} : { usage }),
  };
  return `data: ${JSON.stringify(body)}\n\n`;
}

function usageBody(usage: Usage): Json {
  return {
    prompt_tokens: usage.promptTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    completion_tokens: usage.completionTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens },
  };
}
