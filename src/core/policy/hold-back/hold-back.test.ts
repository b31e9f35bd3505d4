import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DetectorName } from '../../ir/guardrail.ts';
import { SAMPLE_NAMES } from '../../ir/sample-names.ts';
import { sample } from '../detectors/samples.ts';
import { findIn } from '../finding.ts';
import { mergeRedactions, redactText } from '../redact.ts';
import { answerTexts } from './answer-texts.ts';
import { stepHoldBack } from './hold-back.ts';
import { eventData, splitEvents } from './sse-events.ts';
import { type AnswerVerdict, type HoldBackRules, openHoldBack } from './state.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const ALL: readonly DetectorName[] = ['secrets', 'card', 'email', 'iban'];
const AWS = sample('aws-access-key') ?? '';
const CARD = sample('card') ?? '';

type Judge = HoldBackRules<string>['judge'];

const allow: Judge = () => ({ redact: [] });
const deny: Judge = ({ findings }) => (findings.length === 0 ? { redact: [] } : { denied: 'found', redact: [] });
const redact: Judge = ({ findings }): AnswerVerdict<string> => ({
  redact: mergeRedactions(findings.map(({ ptr, start, end, kind }) => ({ ptr, start, end, with: `[${kind}]` }))),
});

/** Sends the pieces through and gives what left and how it ended. */
function watch(pieces: readonly Uint8Array[], judge: Judge, over: Partial<HoldBackRules<string>> = {}) {
  let state = openHoldBack({ detectors: ALL, mode: 'hold' as const, judge, ...over });
  const emitted: Uint8Array[] = [];
  for (const [index, piece] of pieces.entries()) {
    const step = stepHoldBack(state, piece, index === pieces.length - 1);
    state = step.state;
    emitted.push(step.emit);
  }
  return {
    bytes: new Uint8Array(Buffer.concat(emitted)),
    end: state.end,
    emitted: emitted.map((part) => decoder.decode(part)),
  };
}

/** What a client puts together: every text of the answer, by its place. */
function visible(bytes: Uint8Array): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const event of splitEvents(bytes, 0, true).events) {
    const data = eventData(event);
    if (data === undefined || data === '[DONE]') continue;
    for (const { ptr, text } of answerTexts(JSON.parse(data)) ?? []) texts[ptr] = (texts[ptr] ?? '') + text;
  }
  return texts;
}

function chunk(delta: object, choice = 0): string {
  return `data: ${JSON.stringify({ id: 'c', created: 1.5, choices: [{ index: choice, delta, finish_reason: null }] })}\n\n`;
}

const END = 'data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

describe('an answer that passes', () => {
  test('keeps its bytes, comments and unknown events included', () => {
    const text = `: hello\n\nevent: x\r\nid: 1\r\ndata: {"choices":[],\r\ndata: "a":1}\r\n\r\n\ufeff\n\n${chunk({ role: 'assistant', content: 'Hi é😀' })}data: no JSON\n\n${END}`;
    expect(watch([encoder.encode(text)], allow)).toMatchObject({ bytes: encoder.encode(text), end: { kind: 'whole' } });
  });

  test('leaves piece by piece, and only what may begin a finding waits', () => {
    const words = ['The', ' key', ' is', ' A', 'K', 'nown', ' one', '. A', 'KIA', ' is', ' not', '.'];
    const pieces = words.map((word) => encoder.encode(chunk({ content: word })));
    const { emitted } = watch([...pieces, encoder.encode(END)], deny, { detectors: ['secrets'] });
    const left = emitted.map((text) => visible(encoder.encode(text))['/choices/0/delta/content'] ?? '');
    expect(left).toEqual(['The', ' key', ' is', '', '', ' AKnown', ' one', '', '', '. AKIA is', ' not', '.', '']);
  });

  test('a letter that has left still stands before what comes', () => {
    const pieces = [chunk({ content: 'x' }), chunk({ content: AWS }), END].map((part) => encoder.encode(part));
    expect(watch(pieces, deny, { detectors: ['secrets'] }).end).toEqual({ kind: 'whole' });
  });

  test('of an upstream that breaks off leaves whole, without its last line', () => {
    const text = `${chunk({ content: 'half AKI' })}data: {"choi`;
    expect(decoder.decode(watch([encoder.encode(text)], deny).bytes)).toBe(text);
  });
});

describe('an answer with a finding', () => {
  const parts = [
    chunk({ content: 'key ' }),
    chunk({ content: AWS.slice(0, 7) }),
    chunk({ content: AWS.slice(7) }),
    chunk({ content: ' ok' }),
  ];
  const stream = [...parts, END].map((part) => encoder.encode(part));

  test('is denied before a byte of it is out', () => {
    expect(watch(stream, deny)).toMatchObject({
      bytes: encoder.encode(parts[0] ?? ''),
      end: { kind: 'denied', denial: 'found' },
    });
  });

  test('is redacted where its span begins; unknown fields and numbers stay as they are written', () => {
    const first = `data: {"n":1.50,"big":12345678901234567890,"choices":[{"index":0,"delta":{"content":"key ${AWS.slice(0, 7)}"},"logprobs":{"content":[{"token":"${AWS}"}]},"x":[]}]}\n\n`;
    const second = chunk({ content: `${AWS.slice(7)} ok` });
    expect(decoder.decode(watch([encoder.encode(first + second + END)], redact).bytes)).toBe(
      `data: {"n":1.50,"big":12345678901234567890,"choices":[{"index":0,"delta":{"content":"key [secret]"},"logprobs":null,"x":[]}]}\n\n${chunk({ content: ' ok' })}${END}`.replace(
        '"created":1.5,',
        '"created":1.5,',
      ),
    );
  });

  test('in the arguments of a tool call, interleaved with text', () => {
    const call = (piece: string) => chunk({ tool_calls: [{ index: 1, function: { arguments: piece } }] });
    const text = call(`{"k":"${AWS.slice(0, 9)}`) + chunk({ content: 'hi' }) + call(`${AWS.slice(9)}"}`) + END;
    expect(visible(watch([encoder.encode(text)], redact).bytes)).toEqual({
      '/choices/0/delta/tool_calls/1/function/arguments': '{"k":"[secret]"}',
      '/choices/0/delta/content': 'hi',
    });
  });

  test('that a later one overlaps, when its beginning has left', () => {
    const token = sample('huggingface-token') ?? '';
    const text = chunk({ content: 'm' }) + chunk({ content: `e@example.${token} ok` }) + END;
    const pieces = Array.from(encoder.encode(text), (byte) => Uint8Array.of(byte));
    expect(visible(watch(pieces, redact).bytes)).toEqual({ '/choices/0/delta/content': '[email] ok' });
  });

  test('in an event that is no chunk, which then never leaves', () => {
    const text = `data: {"error":{"message":"${AWS}"}}\n\n`;
    expect(watch([encoder.encode(text + END)], redact).bytes).toEqual(encoder.encode(END));
    expect(watch([encoder.encode(text + END)], deny).end).toEqual({ kind: 'denied', denial: 'found' });
  });

  test('is judged with every finding so far, whenever one becomes certain', () => {
    const seen: number[] = [];
    const judge: Judge = ({ findings }) => {
      seen.push(findings.length);
      return { redact: [] };
    };
    watch([encoder.encode(chunk({ content: `${AWS} ${CARD} ` })), ...stream], judge);
    expect(seen).toEqual([0, 1, 2, 3]);
  });
});

describe('what cannot be judged is cut', () => {
  test('a redaction of text that has left', () => {
    const judge: Judge = ({ findings }) => ({
      redact: findings.map(({ ptr }) => ({ ptr, start: 0, end: 3, with: '' })),
    });
    const text = [chunk({ content: 'Hello ' }), chunk({ content: `${AWS} ` })].map((part) => encoder.encode(part));
    expect(watch(text, judge).end).toEqual({ kind: 'unjudged', message: 'a policy redacts text that has left' });
  });

  test('an event without end', () => {
    const { end, bytes } = watch([encoder.encode(`data: ${'x'.repeat(5_000_000)}`), encoder.encode('x')], allow);
    expect([end?.kind, bytes.length]).toEqual(['unjudged', 0]);
  });

  test('texts without end', () => {
    const text = Array.from({ length: 1_001 }, (_item, index) => chunk({ content: 'x' }, index)).join('');
    expect(watch([encoder.encode(text)], allow).end).toEqual({
      kind: 'unjudged',
      message: 'more than 1000 texts in one answer',
    });
  });

  test('findings without end', () => {
    const text = chunk({ content: `${CARD}, `.repeat(501) });
    expect(watch([encoder.encode(text)], allow).end?.kind).toBe('unjudged');
  });
});

test('a buffered answer leaves at its end, and is judged with its texts', () => {
  const judge: Judge = ({ texts }) =>
    texts.some(({ text }) => text.includes('bad')) ? { denied: 'bad', redact: [] } : { redact: [] };
  const good = [chunk({ content: 'go' }), chunk({ content: 'od' }), END].map((part) => encoder.encode(part));
  const bad = [chunk({ content: 'b' }), chunk({ content: 'ad' }), END].map((part) => encoder.encode(part));
  expect(watch(good, judge, { mode: 'buffer' }).emitted.map((part) => part.length > 0)).toEqual([false, false, true]);
  expect(watch(bad, judge, { mode: 'buffer' })).toMatchObject({ bytes: new Uint8Array(0), end: { kind: 'denied' } });
});

/** Pieces of text with findings, halves of them, and what matters to detectors, in tokens of any length. */
const tokens = fc
  .array(
    fc.oneof(
      fc.constantFrom(...SAMPLE_NAMES.map((name) => sample(name) ?? '')),
      fc
        .tuple(fc.constantFrom(...SAMPLE_NAMES), fc.nat(30))
        .map(([name, length]) => sample(name)?.slice(0, length) ?? ''),
      fc.constantFrom(' ', '-', '.', '@', '4', 'AK', 'sk-', 'eyJ', 'é', '😀', '\n', '"', '\\', 'word'),
    ),
    { maxLength: 8 },
  )
  .chain((pieces) => {
    const text = pieces.join('');
    return fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 12 }).map((cuts) => {
      const borders = [0, ...cuts.sort((a, b) => a - b), text.length];
      return borders.slice(1).map((end, index) => text.slice(borders[index], end));
    });
  });

const channels = fc.record({
  content: tokens,
  reasoning_content: tokens,
  refusal: tokens,
  args: tokens,
  second: tokens,
});

/** The answer as a stream: the tokens of all channels, interleaved by the given order. */
function streamOf(answer: Record<string, string[]>, order: readonly number[], lineEnd: string): Uint8Array {
  const queues = Object.entries(answer).map(([name, list]) => list.map((text) => ({ name, text })));
  const events: string[] = [];
  for (let turn = 0; queues.some((queue) => queue.length > 0); turn += 1) {
    const open = queues.filter((queue) => queue.length > 0);
    const next = open[(order[turn % order.length] ?? 0) % open.length]?.shift();
    if (next?.name === 'args') events.push(chunk({ tool_calls: [{ index: 0, function: { arguments: next.text } }] }));
    else if (next?.name === 'second') events.push(chunk({ content: next.text }, 1));
    else if (next !== undefined) events.push(chunk({ [next.name]: next.text }));
  }
  return encoder.encode((events.join('') + END).replaceAll('\n', lineEnd));
}

function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const borders = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
}

describe('for every cut of every answer', () => {
  const answers = fc.tuple(
    channels,
    fc.array(fc.nat(4), { minLength: 1, maxLength: 6 }),
    fc.constantFrom('\n', '\r\n', '\r'),
    fc.array(fc.nat(3_000), { maxLength: 20 }),
    fc.subarray([...ALL], { minLength: 1 }),
  );
  const cuts = (bytes: Uint8Array, at: readonly number[]) => [
    [bytes],
    cutAt(bytes, at),
    Array.from(bytes, (byte) => Uint8Array.of(byte)),
  ];

  test('what passes keeps its bytes', () => {
    fc.assert(
      fc.property(answers, ([answer, order, lineEnd, at]) => {
        const bytes = streamOf(answer, order, lineEnd);
        for (const pieces of cuts(bytes, at)) expect(watch(pieces, allow).bytes).toEqual(bytes);
      }),
      { numRuns: 60 },
    );
  });

  test('what is redacted is what a whole answer would be', () => {
    fc.assert(
      fc.property(answers, ([answer, order, lineEnd, at, detectors]) => {
        const bytes = streamOf(answer, order, lineEnd);
        const whole = visible(bytes);
        const expected = Object.fromEntries(
          Object.entries(whole).map(([ptr, text]) => {
            const findings = findIn([{ ptr, role: 'assistant', message: 0, text }], detectors);
            return [ptr, redactText(text, redact({ findings, texts: [], pointsAt: () => 0 }).redact)];
          }),
        );
        for (const pieces of cuts(bytes, at))
          expect(visible(watch(pieces, redact, { detectors }).bytes)).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  test('no byte of what is blocked is visible', () => {
    fc.assert(
      fc.property(answers, ([answer, order, lineEnd, at, detectors]) => {
        const bytes = streamOf(answer, order, lineEnd);
        const whole = Object.entries(visible(bytes));
        const firstFinding = new Map(
          whole.map(([ptr, text]) => {
            const first = findIn([{ ptr, role: 'assistant', message: 0, text }], detectors).map(({ start }) => start);
            return [ptr, Math.min(Number.POSITIVE_INFINITY, ...first)];
          }),
        );
        const isClean = [...firstFinding.values()].every((start) => start === Number.POSITIVE_INFINITY);
        for (const pieces of cuts(bytes, at)) {
          const { end, bytes: left } = watch(pieces, deny, { detectors });
          expect(end?.kind).toBe(isClean ? 'whole' : 'denied');
          for (const [ptr, text] of Object.entries(visible(left))) {
            expect(whole.find(([other]) => other === ptr)?.[1].startsWith(text)).toBe(true);
            expect([...text].length).toBeLessThanOrEqual(firstFinding.get(ptr) ?? 0);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
