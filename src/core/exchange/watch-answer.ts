import { type Denial, denialOf, firedRules, type SubjectFacts, subjectOf } from '../decide/guard.ts';
import { type BoundGuardrail, guardrailsFor, type LoadedRevision } from '../decide/loaded-revision.ts';
import type { FiredRule } from '../decide/record.ts';
import { refusalBody, refuse } from '../decide/refusal.ts';
import type { PolicyText } from '../policy/finding.ts';
import { answerTexts, editAnswer, errorTexts } from '../policy/hold-back/answer-texts.ts';
import { stepHoldBack } from '../policy/hold-back/hold-back.ts';
import { type AnswerSoFar, type AnswerVerdict, type HoldBack, openHoldBack } from '../policy/hold-back/state.ts';
import type { PolicySubject } from '../policy/input.ts';
import { detectorsOf, judge, judgeFound } from '../policy/judge.ts';
import { redactText } from '../policy/redact.ts';
import { type MergedVerdict, mergeVerdict } from '../policy/verdict.ts';

/** An answer that passes through us, since a guardrail judges it. */
export type AnswerWatch = StreamWatch | PlainWatch | ErrorWatch;

interface WatchState {
  /** What fired until now, for the record. */
  readonly fired: readonly FiredRule[];
  /** Set when a guardrail ended the answer: nothing of it leaves any more. */
  readonly blocked?: Denial;
}

/** Server-sent events, held back until no finding can begin in them. */
interface StreamWatch extends WatchState {
  readonly kind: 'stream';
  readonly hold: HoldBack<Denial>;
  /** The judge's last word: it is asked in the midst of a step. */
  readonly verdict: { last: MergedVerdict | undefined };
}

/** A JSON answer, judged whole. */
interface PlainWatch extends WatchState {
  readonly kind: 'plain';
  readonly judgeBody: (texts: readonly PolicyText[]) => MergedVerdict;
}

/** An error of an upstream, judged whole: it may quote the prompt, or hold anything else. */
interface ErrorWatch extends WatchState {
  readonly kind: 'error';
  readonly judgeBody: (texts: readonly PolicyText[]) => MergedVerdict;
  /** It could not be judged: the client gets an error of ours with its status. */
  readonly replaced?: true;
}

/** What one piece of an answer came to. */
export interface WatchedPiece {
  readonly watch: AnswerWatch;
  /** What may leave now. */
  readonly emit: Uint8Array;
  /** Nothing leaves after it. */
  readonly ended: boolean;
}

const EVENT_STREAM = 'text/event-stream';

/** What is known of a request while its answer is watched. */
interface WatchedRequest extends SubjectFacts {
  readonly loaded: LoadedRevision;
}

/** The watch over an answer, or undefined when no guardrail judges it. Every content type is watched: what cannot be read is blocked. */
export function openWatch(request: WatchedRequest, contentType: string, nowMs: number): AnswerWatch | undefined {
  const bound = boundTo(request);
  if (bound.length === 0) return undefined;
  if (!contentType.startsWith(EVENT_STREAM)) {
    return { kind: 'plain', fired: [], judgeBody: wholeJudge(request, bound, nowMs) };
  }
  return openStream(request, bound, nowMs);
}

/** The watch over an upstream's answer that is no success, whatever its content type; undefined as above. */
export function openErrorWatch(request: WatchedRequest, nowMs: number): AnswerWatch | undefined {
  const bound = boundTo(request);
  return bound.length === 0 ? undefined : { kind: 'error', fired: [], judgeBody: wholeJudge(request, bound, nowMs) };
}

/** The watch after an answer of which nothing can be read, such as a compressed one. */
export function withoutJudgement(watch: AnswerWatch): AnswerWatch {
  return watch.kind === 'error' ? { ...watch, replaced: true } : { ...watch, blocked: unjudged() };
}

function boundTo({ loaded, principal, route }: WatchedRequest): readonly BoundGuardrail[] {
  return guardrailsFor(loaded, 'response', route, principal.team);
}

function wholeJudge(request: WatchedRequest, bound: readonly BoundGuardrail[], nowMs: number): PlainWatch['judgeBody'] {
  const { loaded } = request;
  const guardrails = bound.map(({ judging }) => judging);
  return (texts) =>
    mergeVerdict(judge(subjectOf(loaded, 'response', request, texts), guardrails, loaded.evaluate, nowMs));
}

function openStream(request: WatchedRequest, bound: readonly BoundGuardrail[], nowMs: number): StreamWatch {
  const { loaded } = request;
  const guardrails = bound.map(({ judging }) => judging);
  const subject = (texts: readonly PolicyText[]): PolicySubject => subjectOf(loaded, 'response', request, texts);
  const verdict: StreamWatch['verdict'] = { last: undefined };
  const judgeSoFar = (answer: AnswerSoFar): AnswerVerdict<Denial> => {
    verdict.last = mergeVerdict(judgeFound(subject(answer.texts), answer, guardrails, loaded.evaluate, nowMs));
    const denied = denialOf(verdict.last);
    return { redact: verdict.last.enforced.redact, ...(denied === undefined ? {} : { denied }) };
  };
  const mode = bound.some(({ row }) => row.stream === 'buffer') ? 'buffer' : 'hold';
  const hold = openHoldBack({ detectors: detectorsOf(guardrails), mode, judge: judgeSoFar });
  return { kind: 'stream', fired: [], hold, verdict };
}

/** Takes a piece of a streamed answer, or one that is none whole. */
export function watchPiece(watch: AnswerWatch, bytes: Uint8Array, isComplete: boolean): WatchedPiece {
  switch (watch.kind) {
    case 'stream':
      return watchStream(watch, bytes, isComplete);
    case 'plain':
    case 'error':
      return watchWhole(watch, bytes);
  }
}

const NOTHING = new Uint8Array(0);

function watchStream(before: StreamWatch, bytes: Uint8Array, isComplete: boolean): WatchedPiece {
  if (before.hold.end !== undefined) return { watch: before, emit: NOTHING, ended: false };
  const { state: hold, emit } = stepHoldBack(before.hold, bytes, isComplete);
  const { last } = before.verdict;
  const watch: StreamWatch = { ...before, hold, fired: last === undefined ? [] : firedRules(last, 'response') };
  const { end } = hold;
  if (end === undefined || end.kind === 'whole') return { watch, emit, ended: isComplete };
  const blocked = end.kind === 'denied' ? end.denial : unjudged();
  return { watch: { ...watch, blocked }, emit: errorEvent(blocked), ended: true };
}

/** How a stream of the API ends early: its own error object as an event, and the mark of the end. */
function errorEvent({ reason, code, message }: Denial): Uint8Array {
  const body = refusalBody(refuse(reason, message, code));
  return new TextEncoder().encode(`data: ${body}\n\ndata: [DONE]\n\n`);
}

function watchWhole(before: PlainWatch | ErrorWatch, bytes: Uint8Array): WatchedPiece {
  const json = readJson(bytes);
  const read = before.kind === 'error' ? errorTexts : answerTexts;
  const texts = json === undefined ? undefined : read(json.document);
  if (json === undefined || texts === undefined) {
    return { watch: withoutJudgement(before), emit: NOTHING, ended: true };
  }
  const verdict = before.judgeBody(
    texts.map(({ ptr, choice, text }) => ({ ptr, role: 'assistant', message: choice, text })),
  );
  const fired = firedRules(verdict, 'response');
  const blocked = denialOf(verdict);
  if (blocked !== undefined) return { watch: { ...before, fired, blocked }, emit: NOTHING, ended: true };
  const edits = texts.flatMap(({ ptr, path }) => {
    const own = verdict.enforced.redact.filter((redaction) => redaction.ptr === ptr);
    return own.length === 0 ? [] : [{ path, redact: (whole: string) => redactText(whole, own) }];
  });
  const emit = edits.length === 0 ? bytes : new TextEncoder().encode(editAnswer(json.text, edits));
  return { watch: { ...before, fired }, emit, ended: true };
}

function readJson(bytes: Uint8Array): { readonly text: string; readonly document: unknown } | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { text, document: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** An answer that no policy could look at: nothing passes unjudged, whatever a guardrail says of its own failures. */
function unjudged(): Denial {
  const message = 'The answer could not be judged by the policies of this route, and nothing passes them unjudged.';
  return { reason: 'policy-failed', code: 'answer-unjudged', message };
}
