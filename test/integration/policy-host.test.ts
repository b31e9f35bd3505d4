import * as opaWasm from '@open-policy-agent/opa-wasm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadPolicy } from '../../src/io/wasm/load-policy.ts';
import { DEFAULT_POLICY_LIMITS } from '../../src/io/wasm/policy-limits.ts';
import { compileLab, evaluateWithOpa, labInput } from '../support/policy-lab.ts';
import { describeWithTool } from '../support/require-tool.ts';

const POLICY = `package lab

deny contains {"code": "found", "message": finding.rule} if {
	some finding in input.findings
	finding.kind == "secret"
}

deny contains {"code": "word", "message": word} if {
	some message in input.messages
	some word in split(lower(message), " ")
	regex.match("^(?:zz|é+|a{2,})$", word)
}

deny contains {"code": "count", "message": format_int(count(words), 10)} if {
	words := {word | word := split(input.messages[_], " ")[_]}
	count(words) > 3
}

deny contains {"code": "runaway"} if {
	input.runaway
	steps := numbers.range(1, 3000)
	count([1 | some i in steps; some j in steps; i * j < 0]) > 0
}

deny contains {"code": "hungry"} if {
	input.hungry
	text := concat("", [sprintf("%1000d", [i]) | some i in numbers.range(1, 2000)])
	texts := [concat(text, [text, format_int(i, 10)]) | some i in numbers.range(1, 60)]
	count(texts) == 0
}

one := value if value := input.conflict[_]

deny contains {"code": one}
`;

const GOOD = labInput({ findings: [{ kind: 'secret', rule: 'aws-access-key' }] });
const GOOD_OUTCOME = {
  kind: 'result',
  value: { lab: { deny: [{ code: 'found', message: 'aws-access-key' }] } },
  fuelUsed: expect.any(Number),
  builtinErrors: [],
};

describeWithTool('opa', 'the Wasm host', (opaPath) => {
  const lab = compileLab(opaPath, POLICY);
  const newHost = async (limits = DEFAULT_POLICY_LIMITS) => loadPolicy((await lab).instrumented, limits);

  const nested = `{"active":{"lab":true},"messages":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
  const tooLong = labInput({ messages: ['x'.repeat(DEFAULT_POLICY_LIMITS.inputBytesMax)] });

  test.each([
    ['half of a surrogate pair', labInput({ messages: ['a \ud800 zz'] }), { kind: 'result' }],
    ['an escaped half behind a backslash', labInput({ messages: ['\\\udfff \\ud800'] }), { kind: 'result' }],
    ['nesting without end', nested, { kind: 'failed', reason: 'trap' }],
    ['a truncated document', GOOD.slice(0, -1), { kind: 'result', value: {} }],
    ['more bytes than the limit', tooLong, { kind: 'failed', reason: 'input' }],
    ['a runaway rule', labInput({ runaway: true }), { kind: 'failed', reason: 'fuel' }],
    ['two values for one rule', labInput({ conflict: ['a', 'b'] }), { kind: 'failed', reason: 'abort' }],
    ['no object', '0', { kind: 'result', value: {} }],
  ])('%s does no harm to the next evaluation', async (_what, poison, expected) => {
    const host = await newHost();
    for (let round = 0; round < 3; round += 1) {
      expect(host.evaluate(poison, 0)).toMatchObject(expected);
      expect(host.evaluate(GOOD, 0)).toEqual(GOOD_OUTCOME);
    }
  });

  test('thousands of hostile inputs, and every good one in between is answered right', async () => {
    const host = await newHost();
    const poisons = [
      '\ud800',
      '{"a":',
      '\0',
      '"',
      nested,
      labInput({ conflict: [1, 2] }),
      GOOD.slice(2),
      '[[[[',
      '{}}',
    ];
    const wrong: unknown[] = [];
    for (let round = 0; round < 5_000; round += 1) {
      host.evaluate(poisons[round % poisons.length] ?? '', 0);
      const outcome = host.evaluate(GOOD, 0);
      if (JSON.stringify(outcome) !== JSON.stringify({ ...GOOD_OUTCOME, fuelUsed: fuelOf(outcome) }))
        wrong.push(outcome);
    }
    expect(wrong).toEqual([]);
  });

  test('fuel is the same in every instance, fresh or used', async () => {
    const [used, fresh] = [await newHost(), await newHost()];
    const inputs = [GOOD, labInput({ messages: ['a b c aa é'] }), labInput({}), GOOD];
    for (const input of inputs) used.evaluate(input, 0);
    used.evaluate(labInput({ runaway: true }), 0);
    expect(inputs.map((input) => fuelOf(used.evaluate(input, 0)))).toEqual(
      inputs.map((input) => fuelOf(fresh.evaluate(input, 0))),
    );
  });

  test('the least fuel that is enough is enough on every instance, and one unit less on none', async () => {
    const input = labInput({ messages: ['one two three four aa'] });
    const needed = fuelOf((await newHost()).evaluate(input, 0));
    for (const [fuel, kind] of [
      [needed + 1, 'result'],
      [needed - 1, 'failed'],
    ] as const) {
      const host = await newHost({ ...DEFAULT_POLICY_LIMITS, fuel, fuelPerInputByte: 0 });
      expect([host.evaluate(input, 0).kind, host.evaluate(input, 0).kind]).toEqual([kind, kind]);
    }
  });

  test('a hungry rule reaches the end of its memory', async () => {
    const host = await newHost({ ...DEFAULT_POLICY_LIMITS, fuel: 1_000_000_000, memoryPagesMax: 256 });
    expect(host.evaluate(labInput({ hungry: true }), 0)).toMatchObject({ kind: 'failed', reason: 'memory' });
    expect(host.evaluate(GOOD, 0)).toEqual(GOOD_OUTCOME);
  });

  test('an input larger than the memory at the start makes it grow, up to its limit', async () => {
    const limits = { ...DEFAULT_POLICY_LIMITS, memoryPagesInitial: 8, memoryPagesMax: 100 };
    const host = await newHost(limits);
    expect(host.evaluate(labInput({ messages: ['x '.repeat(200_000)] }), 0)).toMatchObject({ reason: 'memory' });
    expect(host.evaluate(labInput({ messages: ['x'.repeat(600_000), 'aa'] }), 0)).toMatchObject({
      value: { lab: { deny: [{ code: 'word', message: 'aa' }] } },
    });
    expect(host.evaluate(GOOD, 0)).toEqual(GOOD_OUTCOME);
  });

  test('a guardrail that is not active is not evaluated', async () => {
    const host = await newHost();
    expect(host.evaluate(JSON.stringify({ runaway: true, active: {} }), 0)).toMatchObject({ value: {} });
  });

  test('bytes that are no policy are refused', async () => {
    const { wasm } = await lab;
    await expect(loadPolicy(new Uint8Array([1, 2, 3]))).rejects.toMatchObject({ code: 'policy-load' });
    await expect(loadPolicy(wasm)).rejects.toThrow('the policy has no export headgate_fuel');
  });

  test('for any input the host and the SDK of OPA say the same', async () => {
    const host = await newHost();
    const sdk = await opaWasm.loadPolicy(Buffer.from((await lab).wasm), { initial: 64 });
    const words = fc.constantFrom('a', 'aa', 'zz', 'É', 'ÉÉ', '', 'Zz', '😀', '\u0000', '"');
    const input = fc.record({
      findings: fc.array(
        fc.record({ kind: fc.constantFrom('secret', 'card', 'é'), rule: fc.string({ unit: 'grapheme' }) }),
      ),
      messages: fc.array(fc.array(words).map((list) => list.join(' '))),
      other: fc.jsonValue({ maxDepth: 3 }),
    });
    fc.assert(
      fc.property(input, (document) => {
        const text = labInput(JSON.parse(JSON.stringify(document).replaceAll('\\ud', '')) as object);
        const [expected] = sdk.evaluate(JSON.parse(text)) as { result: unknown }[];
        expect(host.evaluate(text, 0)).toMatchObject({ kind: 'result', value: expected?.result });
      }),
    );
  });

  test('opa eval says the same', async () => {
    const input = labInput({
      findings: [{ kind: 'secret', rule: 'é😀"' }],
      messages: ['AA b c ÉÉ', 'd zz'],
      conflict: ['c'],
    });
    const outcome = (await newHost()).evaluate(input, 0) as { value?: { lab: { deny: object[] } } };
    const expected = evaluateWithOpa(opaPath, POLICY, input) as object[];
    expect(outcome.value?.lab.deny).toHaveLength(expected.length);
    expect(outcome.value?.lab.deny).toEqual(expect.arrayContaining(expected));
  });
});

function fuelOf(outcome: { readonly kind: string; readonly fuelUsed?: number }): number {
  return outcome.fuelUsed ?? Number.NaN;
}
