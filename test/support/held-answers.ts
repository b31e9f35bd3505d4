import type { FixedAnswer } from './fixed-upstream.ts';

/** What the held upstream says; a test looks for it in what the client received. */
export const HELD_WORDS = 'words that somebody had to watch';

/** A whole chat completion, streamed or not as the request asks. */
export function heldAnswer(body: string): FixedAnswer {
  const usage = { prompt_tokens: 7, completion_tokens: 6, total_tokens: 13 };
  const head = { id: 'chatcmpl-1', created: 1, model: 'held' };
  if (!(JSON.parse(body) as { stream?: boolean }).stream) {
    const message = { role: 'assistant', content: HELD_WORDS };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    const text = JSON.stringify({ ...head, object: 'chat.completion', choices, usage });
    return { contentType: 'application/json', pieces: [Buffer.from(text)] };
  }
  const event = (fields: object) =>
    Buffer.from(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...fields })}\n\n`);
  const pieces = [
    event({ choices: [{ index: 0, delta: { role: 'assistant', content: HELD_WORDS }, finish_reason: null }] }),
    event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
    event({ choices: [], usage }),
    Buffer.from('data: [DONE]\n\n'),
  ];
  return { contentType: 'text/event-stream', pieces };
}
