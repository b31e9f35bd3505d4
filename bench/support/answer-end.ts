/** Finds the end of one HTTP/1.1 answer (RFC 9112, 6.3) in the pieces of a connection on which nothing else comes. */
export interface AnswerEnd {
  /** Set once the head is whole. */
  status: number | undefined;
  head: Buffer;
  /** Bytes of the body that are still to come; undefined for a chunked body. */
  missing: number | undefined;
  /** The last bytes of a chunked body. */
  tail: Buffer;
}

const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

export function createAnswerEnd(): AnswerEnd {
  return { status: undefined, head: Buffer.alloc(0), missing: undefined, tail: Buffer.alloc(0) };
}

/** Takes the next piece; true when it was the answer's last one. */
export function isAnswerEnd(answer: AnswerEnd, piece: Buffer): boolean {
  if (answer.status !== undefined) return isBodyEnd(answer, piece);
  const bytes = answer.head.length === 0 ? piece : Buffer.concat([answer.head, piece]);
  const end = bytes.indexOf(HEAD_END);
  answer.head = bytes;
  if (end === -1) return false;
  const head = bytes.toString('latin1', 0, end).toLowerCase();
  answer.status = Number(head.slice(head.indexOf(' ') + 1, head.indexOf(' ') + 4));
  const [, length] = /\r\ncontent-length: *(\d+)/.exec(head) ?? [];
  if (length !== undefined) answer.missing = Number(length);
  return isBodyEnd(answer, bytes.subarray(end + HEAD_END.length));
}

function isBodyEnd(answer: AnswerEnd, piece: Buffer): boolean {
  if (answer.missing !== undefined) {
    answer.missing -= piece.length;
    return answer.missing <= 0;
  }
  const bytes = piece.length >= LAST_CHUNK.length ? piece : Buffer.concat([answer.tail, piece]);
  answer.tail = bytes.subarray(-LAST_CHUNK.length);
  return answer.tail.equals(LAST_CHUNK);
}
