import type { ChatRequest } from '../api/chat-request.ts';

/** What is known of a request when it is decided: read once from its headers and body, and nothing else. */
export interface Facts {
  /** The decision's id, which also seeds its chance. */
  readonly id: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** A header's value, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  readonly body: Uint8Array;
  readonly request: ChatRequest;
}

/** Bytes of text in one token, on average, for English prose in current tokenizers: an estimate, named so wherever it shows. */
const BYTES_PER_TOKEN = 4;
/** What an answer is taken to be long where the client sets no limit, for reservations only. */
export const OUTPUT_TOKENS_EXPECTED = 256;

/** Prompt tokens, estimated from the bytes of its texts. */
export function estimatePromptTokens(request: ChatRequest): number {
  let bytes = 0;
  for (const text of request.texts) bytes += text.at.end - text.at.start - 2;
  // Each message costs a few tokens of its own for its role and borders.
  return Math.max(1, Math.ceil(bytes / BYTES_PER_TOKEN) + 4 * request.messageCount);
}
