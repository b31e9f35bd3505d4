import { expect, test } from 'vitest';
import type { Bench } from './bench.ts';
import { benchCommand } from './command.ts';

const sample: Bench = {
  what: 'how long a sample takes',
  load: async () => ({
    run: (say) => {
      say('measuring');
      return Promise.resolve({
        figures: [
          { what: 'p50', value: 12.3456, unit: 'ms', goal: { below: 20 } },
          { what: 'rate', value: 3, unit: '1/s', goal: { atLeast: 10 } },
          { what: 'plain', value: 1234.5, unit: 'ms' },
        ],
      });
    },
  }),
};

async function bench(...argv: string[]) {
  const printed: string[] = [];
  const said: string[] = [];
  const terminal = { print: (line: string) => printed.push(line), say: (line: string) => said.push(line) };
  return { status: await benchCommand(argv, { sample }, terminal), printed: printed.join('\n'), said: said.join('\n') };
}

const usage = 'usage: npm run bench -- NAME [--json], with NAME one of: list, sample';

test.each([
  [['list'], { status: 0, printed: 'sample: how long a sample takes', said: '' }],
  [[], { status: 64, printed: '', said: usage }],
  [['other'], { status: 64, printed: '', said: usage }],
  [['sample', '--fast'], { status: 64, printed: '', said: usage }],
])('%j', async (argv, outcome) => {
  expect(await bench(...argv)).toEqual(outcome);
});

test('figures as one JSON object', async () => {
  const { status, printed, said } = await bench('sample', '--json');
  expect({ status, said, report: JSON.parse(printed) }).toEqual({
    status: 0,
    said: 'measuring',
    report: {
      name: 'sample',
      figures: [
        { what: 'p50', value: 12.3456, unit: 'ms', goal: '< 20', holds: true },
        { what: 'rate', value: 3, unit: '1/s', goal: '>= 10', holds: false },
        { what: 'plain', value: 1234.5, unit: 'ms', goal: null, holds: null },
      ],
    },
  });
});

test('figures as a table', async () => {
  expect((await bench('sample')).printed).toBe(
    `
┌────────┬───────┬──────┬───────┬───────┐
│ sample │ value │ unit │ goal  │ holds │
├────────┼───────┼──────┼───────┼───────┤
│ p50    │  12.3 │ ms   │ < 20  │ yes   │
├────────┼───────┼──────┼───────┼───────┤
│ rate   │     3 │ 1/s  │ >= 10 │ NO    │
├────────┼───────┼──────┼───────┼───────┤
│ plain  │  1235 │ ms   │       │       │
└────────┴───────┴──────┴───────┴───────┘`.trimStart(),
  );
});
