import { expect, test } from 'vitest';
import { shortAsciiText } from './short-ascii-text.ts';

const encode = (text: string) => new TextEncoder().encode(text);

test.each(['', 'model', 'x'.repeat(16), 'a\u0000b\u007f'])('the text %j is read', (text) => {
  const bytes = encode(`[${text}]`);
  expect(shortAsciiText(bytes, 1, bytes.length - 1)).toBe(text);
});

test.each(['x'.repeat(17), 'é', 'a\u0080'])('the text %j is left to the decoder', (text) => {
  const bytes = encode(text);
  expect(shortAsciiText(bytes, 0, bytes.length)).toBeUndefined();
});
