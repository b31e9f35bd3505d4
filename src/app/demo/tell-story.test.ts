import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { DemoStack } from './stack/demo-stack.ts';
import { checkEqual, checkThat, type Step, type StepResult } from './step.ts';
import { tellStory } from './tell-story.ts';

/** The steps of these tests look at no stack. */
const NO_STACK = {} as DemoStack;

function step(letter: string, run: () => StepResult): Step {
  return { letter, title: `step ${letter}`, run: async () => run() };
}

async function told(steps: readonly Step[], signal = new AbortController().signal) {
  const lines: string[] = [];
  const print = (line: string) => lines.push(stripVTControlCharacters(line).replace(/\d+\.\d s$/, 'N s'));
  return { notHeld: await tellStory(NO_STACK, steps, { print, signal }), lines };
}

test('a step that holds: what was done, what was seen, what held, how long it took', async () => {
  const good = step('a', () => ({ did: ['Asked.'], saw: ['Answered.'], checks: [checkEqual('one is one', 1, 1)] }));
  expect(await told([good])).toEqual({
    notHeld: [],
    lines: ['', '(a) step a', '    Asked.', '', '    Answered.', '', '    ✔ one is one', '    N s'],
  });
});

test('checks that do not hold show what was expected and seen; the story goes on', async () => {
  const checks = [checkEqual('the sum', [1 + 1], [3]), checkThat('the share', false, 'less than half', 0.7)];
  const bad = step('a', () => ({ did: ['Asked.'], saw: ['Nothing.'], checks }));
  const { notHeld, lines } = await told([bad, step('b', () => ({ did: ['Again.'], saw: ['Fine.'], checks: [] }))]);
  expect(notHeld).toEqual(['a']);
  expect(lines.slice(6, 13)).toEqual([
    '    ✘ the sum',
    '      expected: [3]',
    '      seen:     [2]',
    '    ✘ the share',
    '      expected: less than half',
    '      seen:     0.7',
    '    N s',
  ]);
  expect(lines).toContain('(b) step b');
});

test('a step that throws did not hold, and its reason is told', async () => {
  const broken = step('a', () => {
    throw new Error('the engine is gone', { cause: new Error('killed') });
  });
  expect(await told([broken])).toEqual({
    notHeld: ['a'],
    lines: ['', '(a) step a', '    ✘ the step came to no end', '    the engine is gone: killed', '    N s'],
  });
});

test('once it is interrupted no further step runs', async () => {
  const interrupted = new AbortController();
  const first = step('a', () => {
    interrupted.abort();
    return { did: [], saw: [], checks: [] };
  });
  const second = step('b', () => ({ did: [], saw: [], checks: [] }));
  expect(await told([first, second], interrupted.signal)).toEqual({ notHeld: [], lines: ['', '(a) step a'] });
});
