/** One text in an answer, or in a chunk of one. */
export interface AnswerText {
  /**
   * JSON Pointer to the text. Choices, and list items with an `index` of their own, stand under that index, since the
   * pieces of one text come under the same index in every chunk.
   */
  readonly ptr: string;
  /** The index of its choice. */
  readonly choice: number;
  /** The keys that lead to it in this document. */
  readonly path: readonly (string | number)[];
  readonly text: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Deeper texts than this are in no answer. */
const DEPTH_MAX = 16;
/** Parts of a choice that are not text of the model. Log probabilities repeat the text: see withoutLogprobs. */
const NOT_TEXT: ReadonlySet<string> = new Set(['index', 'finish_reason', 'logprobs']);

/**
 * All texts in the choices of an OpenAI chat completion, of a chunk of one, or of a legacy completion, whatever their
 * member is called: a field that we have not heard of is watched as well. Undefined for a document without choices, and
 * for one that is too deep to be read.
 */
export function answerTexts(document: unknown): AnswerText[] | undefined {
  if (!isObject(document) || !Array.isArray(document.choices)) return undefined;
  const texts: AnswerText[] = [];
  for (const [position, choice] of document.choices.entries()) {
    if (!isObject(choice)) continue;
    const index = indexOf(choice, position);
    for (const [key, member] of Object.entries(choice)) {
      if (NOT_TEXT.has(key)) continue;
      if (!collect(member, ['choices', position, key], ['choices', index, key], index, texts)) return undefined;
    }
  }
  return texts;
}

/**
 * All texts of an upstream's error, which has no form that all upstreams keep to; also its codes and types, since those
 * are the upstream's words too. Undefined for what is no object, or too deep.
 */
export function errorTexts(document: unknown): AnswerText[] | undefined {
  if (!isObject(document)) return undefined;
  const texts: AnswerText[] = [];
  return collect(document, [], [], 0, texts) ? texts : undefined;
}

/** False where something is too deep. */
function collect(
  value: unknown,
  path: readonly (string | number)[],
  steps: readonly (string | number)[],
  choice: number,
  texts: AnswerText[],
): boolean {
  if (typeof value === 'string') {
    texts.push({ ptr: pointer(steps), choice, path, text: value });
    return true;
  }
  if (typeof value !== 'object' || value === null) return true;
  if (path.length > DEPTH_MAX) return false;
  if (Array.isArray(value)) {
    return value.every((item, position) =>
      collect(item, [...path, position], [...steps, indexOf(item, position)], choice, texts),
    );
  }
  return Object.entries(value).every(([key, member]) =>
    collect(member, [...path, key], [...steps, key], choice, texts),
  );
}

function indexOf(item: unknown, position: number): number {
  return isObject(item) && Number.isSafeInteger(item.index) ? Number(item.index) : position;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pointer(steps: readonly (string | number)[]): string {
  return steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** A text to be changed. */
export interface TextEdit {
  readonly path: readonly (string | number)[];
  readonly redact: (text: string) => string;
}

/**
 * The document with other texts. Everything else keeps its value, numbers to the last digit; log probabilities of the
 * choices go, since they spell out the text that was taken away.
 */
export function editAnswer(json: string, edits: readonly TextEdit[]): string {
  const document = parseExactly(json) as { readonly choices?: unknown };
  for (const { path, redact } of edits) {
    let parent = document as unknown as Record<string | number, unknown>;
    for (const step of path.slice(0, -1)) parent = parent[step] as Record<string | number, unknown>;
    const key = path.at(-1) ?? '';
    parent[key] = redact(String(parent[key]));
  }
  for (const choice of Array.isArray(document.choices) ? document.choices : []) {
    if (isObject(choice) && choice.logprobs !== undefined) (choice as Record<string, unknown>).logprobs = null;
  }
  return JSON.stringify(document);
}

/** JSON.parse that keeps each number as it is written (ECMAScript, "JSON.parse source text access"). */
function parseExactly(json: string): unknown {
  const { rawJSON } = JSON as unknown as { rawJSON: (source: string) => unknown };
  const keep = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' && context?.source !== undefined ? rawJSON(context.source) : value;
  return JSON.parse(json, keep as (key: string, value: unknown) => unknown);
}
