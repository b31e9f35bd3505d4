import { expect, test } from 'vitest';
import { createAnswerEnd, isAnswerEnd } from './answer-end.ts';

const counted = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const empty = 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n';
const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n';

test.each([
  [200, counted],
  [503, empty],
  [200, chunked],
])('an answer of status %d ends with its last byte, however it is cut', (status, text) => {
  const bytes = Buffer.from(text);
  for (let cut = 1; cut < bytes.length; cut += 1) {
    const answer = createAnswerEnd();
    const ends = [bytes.subarray(0, cut), bytes.subarray(cut)].map((piece) => isAnswerEnd(answer, piece));
    expect([ends, answer.status]).toEqual([[false, true], status]);
  }
  const answer = createAnswerEnd();
  const ends = [...bytes].map((byte) => isAnswerEnd(answer, Buffer.from([byte])));
  expect(ends).toEqual([...Array.from({ length: bytes.length - 1 }, () => false), true]);
});
