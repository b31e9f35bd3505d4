import { assert } from '../base/assert.ts';
import type { ChatRequest } from './chat-request.ts';
import type { Span } from './json-cursor.ts';

/** Replaces a range of a body by other bytes; an empty range inserts. */
export interface BodyEdit {
  readonly at: Span;
  readonly bytes: Uint8Array;
}

const encoder = new TextEncoder();
const INCLUDE_USAGE = '{"include_usage":true}';

/** The body with all edits applied; every byte outside of them stays as it is. Edits may come in any order but not overlap. */
export function editBody(body: Uint8Array, edits: readonly BodyEdit[]): Uint8Array {
  const sorted = [...edits].sort((left, right) => left.at.start - right.at.start || left.at.end - right.at.end);
  const grown = sorted.reduce((sum, edit) => sum + edit.bytes.length - (edit.at.end - edit.at.start), 0);
  const edited = new Uint8Array(body.length + grown);
  let read = 0;
  let written = 0;
  for (const edit of sorted) {
    assert(edit.at.start >= read && edit.at.end <= body.length, 'edits of a body overlap or leave it');
    edited.set(body.subarray(read, edit.at.start), written);
    written += edit.at.start - read;
    edited.set(edit.bytes, written);
    written += edit.bytes.length;
    read = edit.at.end;
  }
  edited.set(body.subarray(read), written);
  return edited;
}

/** Gives the request another model name. */
export function renameModel(request: ChatRequest, upstreamModel: string): BodyEdit[] {
  if (request.model === upstreamModel) return [];
  return [{ at: request.modelAt, bytes: encoder.encode(JSON.stringify(upstreamModel)) }];
}

/**
 * Makes a streamed answer end with its token usage, which accounting needs. A client that did not ask for it sees one
 * more chunk, with an empty `choices`, as the API describes. Options that the client set besides are kept.
 */
export function includeUsage(request: ChatRequest, body: Uint8Array): BodyEdit[] {
  if (!request.stream || request.streamOptions?.includeUsage === true) return [];
  const options = request.streamOptions;
  if (options === undefined) {
    // Right after the model's value: an object that has a model has a place for one more member there.
    const end = request.modelAt.end;
    return [{ at: { start: end, end }, bytes: encoder.encode(`,"stream_options":${INCLUDE_USAGE}`) }];
  }
  const kept = new TextDecoder().decode(body.subarray(options.at.start, options.at.end));
  const parsed = JSON.parse(kept) as Record<string, unknown> | null;
  const merged = JSON.stringify({ ...parsed, include_usage: true });
  return [{ at: options.at, bytes: encoder.encode(merged) }];
}
