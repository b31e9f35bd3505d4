import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sample } from './detectors/samples.ts';
import type { Finding, PolicyText } from './finding.ts';
import { inputNeeds, type PolicySubject } from './input.ts';
import { type JudgingGuardrail, judge } from './judge.ts';
import type { EvaluatePolicy, PolicyOutcome } from './policy-port.ts';
import { redactText } from './redact.ts';
import { mergeVerdict } from './verdict.ts';

const AWS = sample('aws-access-key') ?? '';
const CARD = sample('card') ?? '';

function text(content: string, message = 0, role = 'user'): PolicyText {
  return { ptr: `/messages/${message}/content`, role, message, text: content };
}

function subject(...texts: PolicyText[]): PolicySubject {
  return {
    stage: 'request',
    api: 'openai-chat',
    model: { requested: 'chat-small', candidates: ['chat-small'] },
    stream: false,
    params: { max_tokens: 5 },
    principal: { team: 'red', key_id: 'red-ci', labels: { residency: 'eu' } },
    http: { method: 'POST', path: '/v1/chat/completions', headers: {} },
    texts,
    ctx: { route: 'chat', commit: 'c0ffee' },
  };
}

function guardrail(name: string, over: Partial<JudgingGuardrail> = {}): JudgingGuardrail {
  const needs = inputNeeds([['findings'], ['stage']]);
  return { name, detectors: ['secrets'], mode: 'enforce', onError: 'deny', needs, ...over };
}

function result(value: unknown, builtinErrors: readonly string[] = []): PolicyOutcome {
  return { kind: 'result', value, fuelUsed: 1, builtinErrors };
}

/** Answers from a table by the active guardrails. */
function answering(byActive: Readonly<Record<string, PolicyOutcome>>): EvaluatePolicy {
  return (input) => {
    const active = Object.keys((JSON.parse(input) as { active: object }).active).join();
    return byActive[active] ?? { kind: 'failed', reason: 'trap', message: `nothing for ${active}` };
  };
}

const NOTHING = { deny: [], warn: [], redact: [], forbid: { offers: [], upstreams: [], regions: [] } };
const CLEAN = { enforced: NOTHING, shadow: NOTHING, failedClosed: [], failedOpen: [] };

describe('what a policy is given', () => {
  const read = (...reads: string[][]) => {
    const seen: unknown[] = [];
    const evaluate: EvaluatePolicy = (input) => {
      seen.push(JSON.parse(input));
      return result({ a: { deny: [] } });
    };
    judge(
      subject(text('be kind', 0, 'system'), text('é😀 hi', 1)),
      [guardrail('a', { needs: inputNeeds(reads) })],
      evaluate,
      7,
    );
    return seen[0];
  };
  const part = { type: 'text', trust: 'user' };

  test.each<[string, string[][], object]>([
    ['nothing where it reads nothing', [], {}],
    ['one section', [['stage']], { stage: 'request' }],
    [
      'messages without their text',
      [['messages', '*', 'role']],
      {
        messages: [
          { i: 0, role: 'system', parts: [{ ...part, trust: 'system', ptr: '/messages/0/content', len: 7 }] },
          { i: 1, role: 'user', parts: [{ ...part, ptr: '/messages/1/content', len: 5 }] },
        ],
      },
    ],
    [
      'messages with their text where it iterates over them',
      [['messages']],
      {
        messages: [
          {
            i: 0,
            role: 'system',
            parts: [{ ...part, trust: 'system', ptr: '/messages/0/content', len: 7, text: 'be kind' }],
          },
          { i: 1, role: 'user', parts: [{ ...part, ptr: '/messages/1/content', len: 5, text: 'é😀 hi' }] },
        ],
      },
    ],
    ['the time', [['ctx', 'now_ns']], { ctx: { route: 'chat', commit: 'c0ffee', now_ns: 7_000_000 } }],
    [
      'who asks',
      [['principal', 'team']],
      { principal: { team: 'red', key_id: 'red-ci', labels: { residency: 'eu' } } },
    ],
  ])('%s', (_what, reads, expected) => {
    expect(read(...reads)).toEqual({ active: { a: true }, ...expected });
  });

  test('texts that stand in no message come as entries of their own, by role', () => {
    const seen: unknown[] = [];
    const evaluate: EvaluatePolicy = (input) => {
      seen.push(...(JSON.parse(input) as { messages: unknown[] }).messages);
      return result({ a: {} });
    };
    const beside = (ptr: string, role: string): PolicyText => ({ ptr, role, message: -1, text: 'x' });
    const texts = [beside('/tools/0/description', 'tool'), beside('/tools/0/name', 'tool'), beside('/stop', 'system')];
    const needs = inputNeeds([['messages', '*', 'role']]);
    judge(subject(text('hi'), ...texts), [guardrail('a', { needs })], evaluate, 0);
    const partOf = (ptr: string, trust: string) => ({ type: 'text', trust, ptr, len: 1 });
    expect(seen).toEqual([
      { i: 0, role: 'user', parts: [{ ...partOf('/messages/0/content', 'user'), len: 2 }] },
      { i: -1, role: 'tool', parts: [partOf('/tools/0/description', 'tool'), partOf('/tools/0/name', 'tool')] },
      { i: -1, role: 'system', parts: [partOf('/stop', 'system')] },
    ]);
  });

  test('findings have offsets in code points and hold no text', () => {
    const judged = judge(
      subject(text(`é😀 ${AWS}`)),
      [guardrail('a')],
      answering({ a: result({ a: { deny: [] } }) }),
      0,
    );
    expect(judged.findings).toEqual([
      { detector: 'secrets', rule: 'aws-access-key', kind: 'secret', ptr: '/messages/0/content', start: 3, end: 23 },
    ]);
    expect(judged.inputs.join()).not.toContain(AWS);
  });

  test('each guardrail sees the findings of its own detectors', () => {
    const seen: Record<string, string[]> = {};
    const evaluate: EvaluatePolicy = (input) => {
      const { active, findings } = JSON.parse(input) as { active: object; findings: Finding[] };
      seen[Object.keys(active).join()] = findings.map((finding) => finding.rule);
      return result(Object.fromEntries(Object.keys(active).map((name) => [name, {}])));
    };
    const guardrails = [
      guardrail('keys'),
      guardrail('cards', { detectors: ['card'] }),
      guardrail('both', { detectors: ['card', 'secrets'] }),
      guardrail('keys-too'),
    ];
    judge(subject(text(`${CARD} ${AWS}`)), guardrails, evaluate, 0);
    judge(subject(text('nothing here')), guardrails, evaluate, 0);
    expect(seen).toEqual({
      'keys,keys-too': ['aws-access-key'],
      cards: ['card'],
      both: ['card', 'aws-access-key'],
      'keys,cards,both,keys-too': [],
    });
  });
});

describe('what comes of decisions', () => {
  const decide = (guardrails: JudgingGuardrail[], value: unknown, ...texts: PolicyText[]) =>
    mergeVerdict(judge(subject(...texts), guardrails, () => result(value), 0));

  test('nothing fired', () => {
    expect(decide([guardrail('a')], { a: { deny: [], warn: [] } })).toEqual(CLEAN);
  });

  test('refusals come by guardrail and code, with defaults filled in', () => {
    const value = {
      b: { deny: [{ code: 'z' }, { code: 'c', message: 'm', severity: 'low' }] },
      a: { deny: [{ code: 'q' }] },
    };
    expect(decide([guardrail('b'), guardrail('a')], value).enforced.deny).toEqual([
      { guardrail: 'a', code: 'q', message: '', severity: 'high' },
      { guardrail: 'b', code: 'c', message: 'm', severity: 'low' },
      { guardrail: 'b', code: 'z', message: '', severity: 'high' },
    ]);
  });

  test('forbids unite, and each stands once', () => {
    const value = {
      a: { route: [{ forbid: { regions: ['us', 'eu'] } }, { forbid: { offers: ['m/o'], regions: ['us'] } }] },
      b: { route: [{ forbid: { upstreams: ['openai'], regions: ['ap'] } }] },
    };
    expect(decide([guardrail('a'), guardrail('b')], value).enforced.forbid).toEqual({
      offers: ['m/o'],
      upstreams: ['openai'],
      regions: ['ap', 'eu', 'us'],
    });
  });

  test('a rule or a guardrail in shadow mode is kept apart', () => {
    const value = { a: { deny: [{ code: 'x', shadow: true }], warn: [{ code: 'w' }] }, b: { deny: [{ code: 'y' }] } };
    expect(decide([guardrail('a'), guardrail('b', { mode: 'shadow' })], value)).toEqual({
      ...CLEAN,
      enforced: { ...NOTHING, warn: [{ guardrail: 'a', code: 'w', message: '', severity: 'high' }] },
      shadow: {
        ...NOTHING,
        deny: [
          { guardrail: 'a', code: 'x', message: '', severity: 'high' },
          { guardrail: 'b', code: 'y', message: '', severity: 'high' },
        ],
      },
    });
  });

  test('spans that overlap widen, by text', () => {
    const ptr = '/messages/0/content';
    const value = {
      a: {
        redact: [
          { ptr, start: 2, end: 5, with: 'A' },
          { ptr: '/messages/1/content', start: 0, end: 1 },
        ],
      },
      b: {
        redact: [
          { ptr, start: 4, end: 9, with: 'B' },
          { ptr, start: 9, end: 10, with: 'C' },
        ],
      },
    };
    expect(decide([guardrail('a'), guardrail('b')], value, text('0123456789'), text('x', 1)).enforced.redact).toEqual([
      { ptr, start: 2, end: 9, with: 'A' },
      { ptr, start: 9, end: 10, with: 'C' },
      { ptr: '/messages/1/content', start: 0, end: 1, with: '[redacted]' },
    ]);
  });

  test.each<[string, unknown, string]>([
    ['an unknown member', { deny: [{ code: 'x', because: 'y' }] }, 'deny.0: Unrecognized key: "because"'],
    ['no code', { deny: [{ message: 'x' }] }, 'deny.0.code: Invalid input: expected string, received undefined'],
    [
      'a code of another form',
      { deny: [{ code: 'No Way' }] },
      'deny.0.code: Invalid string: must match pattern /^[a-z0-9][a-z0-9._-]{0,99}$/',
    ],
    ['a text instead of an object', { deny: ['x'] }, 'deny.0: Invalid input: expected object, received string'],
    ['an unknown rule', { refuse: [] }, ': Unrecognized key: "refuse"'],
    ['a span that goes backwards', { redact: [{ ptr: '', start: 2, end: 2 }] }, 'redact: 2 to 2 is no span'],
    ['a span without text', { redact: [{ ptr: '/x', start: 0, end: 1 }] }, 'redact: there is no text at its ptr'],
    [
      'a span behind its text',
      { redact: [{ ptr: '/messages/0/content', start: 0, end: 2 }] },
      'redact: it ends behind its text',
    ],
    ['no answer at all', undefined, ': Invalid input: expected object, received undefined'],
  ])('%s makes the guardrail fail, and no other', (_what, raw, message) => {
    const [a, b] = [guardrail('a'), guardrail('b', { onError: 'allow' })];
    const merged = decide([a, b], { a: raw, b: { warn: [{ code: 'w' }] } }, text('😀'));
    expect(merged.failedClosed).toEqual([{ guardrail: a, reason: 'decision', message }]);
    expect(merged.enforced.warn).toHaveLength(1);
  });
});

describe('when an evaluation fails', () => {
  const FAILED: PolicyOutcome = { kind: 'failed', reason: 'fuel', message: 'too many steps' };

  test('the others are asked alone', () => {
    const [bad, good, open] = [guardrail('bad'), guardrail('good'), guardrail('open', { onError: 'allow' })];
    const evaluate = answering({
      'bad,good,open': FAILED,
      bad: FAILED,
      good: result({ good: { deny: [{ code: 'found' }] } }),
      open: FAILED,
    });
    const judged = judge(subject(), [bad, good, open], evaluate, 0);
    expect(mergeVerdict(judged)).toEqual({
      ...CLEAN,
      enforced: { ...NOTHING, deny: [{ guardrail: 'good', code: 'found', message: '', severity: 'high' }] },
      failedClosed: [{ guardrail: bad, reason: 'fuel', message: 'too many steps' }],
      failedOpen: [{ guardrail: open, reason: 'fuel', message: 'too many steps' }],
    });
  });

  test.each(['deny', 'allow'] as const)(
    'a builtin that cannot answer is a failure of its guardrail, and what else it decided counts: onError %s',
    (onError) => {
      const [bad, good] = [guardrail('bad', { onError }), guardrail('good')];
      const broken = { bad: { warn: [{ code: 'w' }] }, good: {} };
      const evaluate = answering({
        'bad,good': result(broken, ['regex.replace: no', 'regex.replace: no']),
        bad: result(broken, ['regex.replace: no']),
        good: result(broken),
      });
      const failures = [{ guardrail: bad, reason: 'builtin', message: 'regex.replace: no' }];
      expect(mergeVerdict(judge(subject(), [bad, good], evaluate, 0))).toEqual({
        ...CLEAN,
        enforced: { ...NOTHING, warn: [{ guardrail: 'bad', code: 'w', message: '', severity: 'high' }] },
        failedClosed: onError === 'deny' ? failures : [],
        failedOpen: onError === 'deny' ? [] : failures,
      });
    },
  );

  test('a builtin that fails and a decision of an unknown form are one failure', () => {
    const bad = guardrail('bad');
    const evaluate = answering({ bad: result({ bad: { refuse: [] } }, ['regex.replace: no']) });
    expect(judge(subject(), [bad], evaluate, 0).failures.map(({ reason }) => reason)).toEqual(['builtin']);
  });

  test('a guardrail in shadow mode that fails refuses nothing', () => {
    const shadow = guardrail('shadow', { mode: 'shadow' });
    expect(mergeVerdict(judge(subject(), [shadow], () => FAILED, 0)).failedClosed).toEqual([]);
  });
});

test('redactions are applied by code point, and what is around them stays', () => {
  const spans = fc
    .array(fc.nat(20), { minLength: 2, maxLength: 8 })
    .map((numbers) => [...new Set(numbers)].sort((a, b) => a - b));
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 20, maxLength: 30 }), spans, (content, borders) => {
      const points = [...content];
      const redactions: { ptr: string; start: number; end: number; with: string }[] = [];
      for (let index = 0; index + 1 < borders.length; index += 2) {
        redactions.push({ ptr: '', start: borders[index] ?? 0, end: borders[index + 1] ?? 0, with: '#' });
      }
      const expected = points.flatMap((point, index) => {
        const inside = redactions.find(({ start, end }) => index >= start && index < end);
        if (inside === undefined) return [point];
        return index === inside.start ? ['#'] : [];
      });
      expect(redactText(content, redactions)).toBe(expected.join(''));
    }),
  );
});
