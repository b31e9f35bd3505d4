import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFrameSplitter, framePrefix, isBetweenFrames, splitFrames } from './grpc-frame.ts';

function framed(messages: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(messages.flatMap((message) => [...framePrefix(message.length), ...message]));
}

describe('splitFrames', () => {
  test('gives the same messages however the bytes are cut', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 6 });
    fc.assert(
      fc.property(messages, fc.array(fc.nat({ max: 300 })), (sent, cuts) => {
        const splitter = createFrameSplitter(1000);
        const received: number[][] = [];
        let rest = framed(sent);
        for (const cut of [...cuts, rest.length]) {
          const split = splitFrames(splitter, rest.subarray(0, cut));
          if (split.ok) received.push(...split.value.map((message) => [...message]));
          rest = rest.subarray(cut);
        }
        const split = splitFrames(splitter, rest);
        if (split.ok) received.push(...split.value.map((message) => [...message]));
        expect({ received, between: isBetweenFrames(splitter) }).toEqual({
          received: sent.map((message) => [...message]),
          between: true,
        });
      }),
    );
  });

  test('gives the same messages in room that is used again, if each is taken before the next bytes come', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 6 });
    fc.assert(
      fc.property(messages, fc.array(fc.nat({ max: 300 })), (sent, cuts) => {
        const room = new Uint8Array(4_000);
        const splitter = createFrameSplitter(1000, (bytes) => room.subarray(0, bytes));
        const received: number[][] = [];
        let rest = framed(sent);
        for (const cut of [...cuts, rest.length]) {
          const split = splitFrames(splitter, rest.slice(0, cut));
          if (split.ok) received.push(...split.value.map((message) => [...message]));
          room.fill(255);
          rest = rest.subarray(cut);
        }
        const split = splitFrames(splitter, rest);
        if (split.ok) received.push(...split.value.map((message) => [...message]));
        expect(received).toEqual(sent.map((message) => [...message]));
      }),
    );
  });

  test('knows that a message is cut off', () => {
    const splitter = createFrameSplitter(1000);
    expect(splitFrames(splitter, framed([Uint8Array.of(1, 2)]).subarray(0, 6))).toEqual({ ok: true, value: [] });
    expect(isBetweenFrames(splitter)).toBe(false);
  });

  test.each([
    ['a compressed message', Uint8Array.of(1, 0, 0, 0, 0), 'compressed'],
    ['one byte more than allowed', Uint8Array.of(0, 0, 0, 3, 233), 'too-large'],
    ['four gigabytes', Uint8Array.of(0, 255, 255, 255, 255), 'too-large'],
  ])('refuses %s before it arrives', (_name, prefix, fault) => {
    expect(splitFrames(createFrameSplitter(1000), prefix)).toEqual({ ok: false, error: fault });
  });
});
