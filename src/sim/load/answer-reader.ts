/** What is known of an answer while its body comes in: a pure fold over the text of the body. */
export interface AnswerReader {
  readonly streamed: boolean;
  /** Not yet a whole event, or the plain body so far. */
  pending: string;
  /** What the model said, all choices together. */
  text: string;
  /** Events that carried text. */
  textEvents: number;
  done: boolean;
  model: string | undefined;
  completionTokens: number | undefined;
}

export function createAnswerReader(streamed: boolean): AnswerReader {
  const unknown = { model: undefined, completionTokens: undefined };
  return { streamed, pending: '', text: '', textEvents: 0, done: false, ...unknown };
}

/** Takes the next piece of the body, cut anywhere. */
export function readAnswerPart(reader: AnswerReader, part: string): void {
  reader.pending += part;
  if (!reader.streamed) return;
  const events = reader.pending.split(/\r?\n\r?\n/);
  reader.pending = events.pop() ?? '';
  for (const event of events) readEvent(reader, event);
}

/** Takes the end of the body; true when the answer is whole: a stream with its [DONE], or a JSON text. */
export function finishAnswer(reader: AnswerReader): boolean {
  if (reader.streamed) return reader.done;
  const answer = parse(reader.pending);
  if (answer !== undefined) readJson(reader, answer);
  return answer !== undefined;
}

interface AnswerJson {
  readonly model?: unknown;
  readonly choices?: readonly { readonly delta?: Said; readonly message?: Said; readonly text?: unknown }[];
  readonly usage?: { readonly completion_tokens?: unknown } | null;
}

interface Said {
  readonly content?: unknown;
}

function readEvent(reader: AnswerReader, event: string): void {
  for (const line of event.split(/\r?\n/)) {
    if (!line.startsWith('data:')) continue;
    const data = line.slice('data:'.length).trim();
    const answer = parse(data);
    if (data === '[DONE]') reader.done = true;
    else if (answer !== undefined && readJson(reader, answer) !== '') reader.textEvents += 1;
  }
}

/** The text that this part of the answer adds. */
function readJson(reader: AnswerReader, answer: AnswerJson): string {
  if (typeof answer.model === 'string') reader.model = answer.model;
  const tokens = answer.usage?.completion_tokens;
  if (typeof tokens === 'number') reader.completionTokens = tokens;
  const said = (answer.choices ?? []).map((choice) => choice.delta?.content ?? choice.message?.content ?? choice.text);
  const text = said.filter((words) => typeof words === 'string').join('');
  reader.text += text;
  return text;
}

function parse(text: string): AnswerJson | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
