import { failed, ok, type Result } from '../../core/base/result.ts';

/** What the simulators read of an OpenAI request; every other field is accepted and without effect. */
export interface CompletionRequest {
  readonly api: 'chat' | 'text';
  readonly model: string;
  /** The messages as one text, in a form in which a longer conversation begins with the shorter one and its answer. */
  readonly prompt: string;
  readonly lastUserText: string;
  readonly stream: boolean;
  /** `stream_options.include_usage`. */
  readonly includeUsage: boolean;
  readonly choices: number;
  readonly tokensMax: number | undefined;
  readonly ignoreEnd: boolean;
}

export interface RequestError {
  readonly message: string;
  readonly param: string | null;
}

/** One request cannot ask for more answers than this: a simulator's engine has room for about as many sequences. */
const CHOICES_MAX = 16;

/** Reads the JSON body of POST /v1/chat/completions (`chat`) or /v1/completions (`text`). */
export function readCompletionRequest(api: 'chat' | 'text', body: string): Result<CompletionRequest, RequestError> {
  const fields = jsonObject(body);
  if (fields === undefined) return failed({ message: 'JSON decode error: the body is no JSON object', param: null });
  const prompt = api === 'chat' ? chatPrompt(fields.messages) : textPrompt(fields.prompt);
  if (!prompt.ok) return prompt;
  const tokensMax = fields.max_completion_tokens ?? fields.max_tokens ?? undefined;
  if (tokensMax !== undefined && !isWholeFrom1(tokensMax)) {
    return failed({ message: `max_tokens must be at least 1, got ${JSON.stringify(tokensMax)}.`, param: 'max_tokens' });
  }
  const choices = fields.n ?? 1;
  if (!isWholeFrom1(choices) || choices > CHOICES_MAX) {
    return failed({ message: `n must be between 1 and ${CHOICES_MAX}, got ${JSON.stringify(choices)}.`, param: 'n' });
  }
  return ok({
    api,
    model: typeof fields.model === 'string' ? fields.model : '',
    ...prompt.value,
    stream: fields.stream === true,
    includeUsage: isRecord(fields.stream_options) && fields.stream_options.include_usage === true,
    choices,
    tokensMax,
    ignoreEnd: fields.ignore_eos === true,
  });
}

type Prompt = Pick<CompletionRequest, 'prompt' | 'lastUserText'>;

function chatPrompt(messages: unknown): Result<Prompt, RequestError> {
  if (!Array.isArray(messages) || messages.length === 0) {
    return failed({ message: 'messages: a list of at least one message is required', param: 'messages' });
  }
  const parts: string[] = [];
  let lastUserText = '';
  for (const message of messages as readonly unknown[]) {
    if (!isRecord(message) || typeof message.role !== 'string') {
      return failed({ message: 'messages: every message needs a role', param: 'messages' });
    }
    const text = contentText(message.content);
    if (message.role === 'user') lastUserText = text;
    parts.push(`<|${message.role}|>${text}`);
  }
  return ok({ prompt: `${parts.join('')}<|assistant|>`, lastUserText });
}

function textPrompt(prompt: unknown): Result<Prompt, RequestError> {
  if (typeof prompt !== 'string' || prompt === '') {
    return failed({ message: 'prompt: a text is required', param: 'prompt' });
  }
  return ok({ prompt, lastUserText: prompt });
}

/** The text of a message: its content, or the text parts of its content; parts of other kinds say nothing here. */
function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const texts = (content as readonly unknown[]).map((part) =>
    isRecord(part) && typeof part.text === 'string' ? part.text : '',
  );
  return texts.join('');
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWholeFrom1(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1;
}
