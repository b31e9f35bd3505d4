const TEXT = { type: 'string' } as const;
const NUMBER = { type: 'number' } as const;

function object(properties: Readonly<Record<string, object>>): object {
  return { type: 'object', properties, additionalProperties: false };
}

function list(items: object): object {
  return { type: 'array', items };
}

const MAP_OF_TEXT = { type: 'object', additionalProperties: TEXT } as const;

/**
 * JSON Schema of the document that policies read as `input`, for `opa check --schema`: a mistyped path is an error at
 * its line. input.ts builds the document, and says what stands in `messages`.
 */
export const INPUT_SCHEMA = object({
  v: NUMBER,
  stage: TEXT,
  api: TEXT,
  stream: { type: 'boolean' },
  model: object({ requested: TEXT, candidates: list(TEXT) }),
  params: object({ max_tokens: NUMBER, n: NUMBER }),
  principal: object({ team: TEXT, key_id: TEXT, labels: MAP_OF_TEXT }),
  http: object({ method: TEXT, path: TEXT, headers: MAP_OF_TEXT }),
  messages: list(
    object({
      i: NUMBER,
      role: TEXT,
      parts: list(object({ ptr: TEXT, type: TEXT, text: TEXT, len: NUMBER, trust: TEXT })),
    }),
  ),
  findings: list(object({ detector: TEXT, rule: TEXT, kind: TEXT, ptr: TEXT, start: NUMBER, end: NUMBER })),
  ctx: object({ route: TEXT, commit: TEXT, now_ns: NUMBER }),
});
