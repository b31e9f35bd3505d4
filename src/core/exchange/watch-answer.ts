import { type Denial, denialOf, firedRules, type SubjectFacts, subjectOf } from '../decide/guard.ts';
import { guardrailsFor, type LoadedRevision } from '../decide/loaded-revision.ts';
import type { FiredRule } from '../decide/record.ts';
import { refusalBody, refuse } from '../decide/refusal.ts';
import type { PolicyText } from '../policy/finding.ts';
import { answerTexts, editAnswer } from '../policy/hold-back/answer-texts.ts';
import { stepHoldBack } from '../policy/hold-back/hold-back.ts';
import { type AnswerSoFar, type AnswerVerdict, type HoldBack, openHoldBack } from '../policy/hold-back/state.ts';
import type { PolicySubject } from '../policy/input.ts';
import { detectorsOf, judge, judgeFound } from '../policy/judge.ts';
import { redactText } from '../policy/redact.ts';
import { type MergedVerdict, mergeVerdict } from '../policy/verdict.ts';

/** An answer that passes through us, since a guardrail judges it. */
export type AnswerWatch = StreamWatch | PlainWatch;

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
  const { loaded, principal, route } = request;
  const bound = guardrailsFor(loaded, 'response', route, principal.team);
  if (bound.length === 0) return undefined;
  const guardrails = bound.map(({ judging }) => judging);
  const subject = (texts: readonly PolicyText[]): PolicySubject => subjectOf(loaded, 'response', request, texts);
  if (!contentType.startsWith(EVENT_STREAM)) {
    const judgeBody = (texts: readonly PolicyText[]): MergedVerdict =>
      mergeVerdict(judge(subject(texts), guardrails, loaded.evaluate, nowMs));
    return { kind: 'plain', fired: [], judgeBody };
  }
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

/** Takes a piece of a streamed answer, or a plain one whole. */
export function watchPiece(watch: AnswerWatch, bytes: Uint8Array, isComplete: boolean): WatchedPiece {
  switch (watch.kind) {
    case 'stream':
      return watchStream(watch, bytes, isComplete);
    case 'plain':
      return watchPlain(watch, bytes);
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

function watchPlain(before: PlainWatch, bytes: Uint8Array): WatchedPiece {
  const json = readJson(bytes);
  const texts = json === undefined ? undefined : answerTexts(json.document);
  if (json === undefined || texts === undefined) {
    return { watch: { ...before, blocked: unjudged() }, emit: NOTHING, ended: true };
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
