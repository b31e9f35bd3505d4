import { failed, ok, type Result } from '../base/result.ts';
import type { FiredRule } from '../decide/record.ts';
import { openWatch, watchPiece } from '../exchange/watch-answer.ts';
import type { TestAnswer } from '../ir/test-case.ts';
import { withSamples } from '../policy/detectors/samples.ts';

/** An answer after the guardrails, cut in one way. */
export interface AnswerRun {
  /** What the upstream said. */
  readonly whole: string;
  /** What the client saw of it. */
  readonly text: string;
  /** Rules that fired on it. */
  readonly fired: readonly FiredRule[];
  /** The code by which a guardrail ended it. */
  readonly blocked?: string;
}

/** An answer is judged once for every cut, and each time whole. */
const EVERY_CUT_CHARS_MAX = 2_000;

type Request = Parameters<typeof openWatch>[0];

/** Lets the answer through the guardrails of the response stage, once for each way of cutting it. */
export function runAnswer(answer: TestAnswer, request: Request, nowMs: number): Result<AnswerRun[], string> {
  const chunks = answer.chunks.map(withSamples);
  const whole = chunks.join('');
  const characters = [...whole];
  if (answer.cut === 'listed') return ok([runChunks(chunks, whole, request, nowMs)]);
  if (characters.length > EVERY_CUT_CHARS_MAX) {
    return failed(`an answer that is cut everywhere may have ${EVERY_CUT_CHARS_MAX} characters at the most`);
  }
  const cuts = characters.slice(1).map((_, index) => index + 1);
  const pieces = cuts.map((cut) => [characters.slice(0, cut).join(''), characters.slice(cut).join('')]);
  return ok([[whole], ...pieces].map((piece) => runChunks(piece, whole, request, nowMs)));
}

function runChunks(chunks: readonly string[], whole: string, request: Request, nowMs: number): AnswerRun {
  const { stream } = request.request;
  const pieces = stream ? [...chunks.map(chunkEvent), END_EVENTS] : [completion(whole)];
  let watch = openWatch(request, stream ? 'text/event-stream' : 'application/json', nowMs);
  if (watch === undefined) return { whole, text: whole, fired: [] };
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let emitted = '';
  for (const [index, piece] of pieces.entries()) {
    const seen = watchPiece(watch, encoder.encode(piece), index === pieces.length - 1);
    watch = seen.watch;
    emitted += decoder.decode(seen.emit, { stream: true });
    if (watch.blocked !== undefined) break;
  }
  const text = stream ? streamedText(emitted) : plainText(emitted);
  return { whole, text, fired: watch.fired, ...(watch.blocked === undefined ? {} : { blocked: watch.blocked.code }) };
}

function chunkEvent(content: string): string {
  return event({ delta: { content }, finish_reason: null });
}

function event(choice: object): string {
  const chunk = { id: 'chatcmpl-test', object: 'chat.completion.chunk', created: 0, model: 'test' };
  return `data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, ...choice }] })}\n\n`;
}

const END_EVENTS = `${event({ delta: {}, finish_reason: 'stop' })}data: [DONE]\n\n`;

function completion(content: string): string {
  const message = { role: 'assistant', content };
  const answer = { id: 'chatcmpl-test', object: 'chat.completion', created: 0, model: 'test' };
  return JSON.stringify({ ...answer, choices: [{ index: 0, message, finish_reason: 'stop' }] });
}

interface Answer {
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string };
    readonly message?: { readonly content?: string };
  }[];
}

function streamedText(events: string): string {
  const data = events.split('\n').flatMap((line) => (line.startsWith('data: {') ? [line.slice('data: '.length)] : []));
  return data.map((json) => (JSON.parse(json) as Answer).choices?.[0]?.delta?.content ?? '').join('');
}

function plainText(json: string): string {
  return json === '' ? '' : ((JSON.parse(json) as Answer).choices?.[0]?.message?.content ?? '');
}
