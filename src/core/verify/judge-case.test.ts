import { describe, expect, test } from 'vitest';
import {
  fixtureIr,
  fixtureRevision,
  policyResult,
  ROUTE,
  routeDocument,
} from '../../../test/support/revision-fixture.ts';
import { present } from '../base/assert.ts';
import type { EvaluatePolicy } from '../policy/policy-port.ts';
import { judgeCase } from './judge-case.ts';

const GUARDRAIL =
  'apiVersion: headgate.dev/v1\nkind: Guardrail\nmetadata: { name: g }\nspec: { package: fixture, stages: [ request, response ], detectors: [ secrets ] }';

/** Denies what has a finding, as the policy of the quickstart does. */
const denyFindings: EvaluatePolicy = (inputJson) => {
  const { findings } = JSON.parse(inputJson) as { findings: unknown[] };
  const deny = findings.length === 0 ? [] : [{ code: 'secret-found' }];
  return policyResult({ g: { deny, warn: [], redact: [], route: [] } })(inputJson, 0);
};

/** Takes out what is found. */
const redactFindings: EvaluatePolicy = (inputJson) => {
  const { findings } = JSON.parse(inputJson) as { findings: { ptr: string; start: number; end: number }[] };
  const redact = findings.map(({ ptr, start, end }) => ({ ptr, start, end, with: '[gone]' }));
  return policyResult({ g: { deny: [], warn: [], redact, route: [] } })(inputJson, 0);
};

/** What is wrong with a case that is written like this, lines indented by eight; nothing when it holds. */
function failureOf(testCase: string, evaluate: EvaluatePolicy = denyFindings, guardrail = GUARDRAIL): string[] {
  const routes = [
    ROUTE,
    routeDocument(
      'gold',
      'match: { models: [ small ], teams: [ "*" ], headers: { x-tier: gold } }\n  targets: [ { offers: [ corp ] } ]',
    ),
    routeDocument('open', 'match: { models: [ next ], teams: [ anonymous ] }\n  targets: [ { offers: [ spare ] } ]'),
  ];
  const head = 'apiVersion: headgate.dev/v1\nkind: Test\nmetadata: { name: t }\nspec:\n  cases:\n    - name: c\n';
  const parts = { routes, documents: [guardrail, `${head}      ${testCase}`] };
  const ir = fixtureIr(parts);
  return judgeCase({ ir, loaded: fixtureRevision({ ...parts, evaluate }) }, present(ir.tests[0], 'the case'));
}

describe('a case that holds', () => {
  test.each<[string, string]>([
    [
      'own engines serve',
      'principal: { team: red }\n      request: { model: small }\n      expect: { offer: small/own }',
    ],
    [
      'an alias',
      'principal: { team: red }\n      request: { model: gpt-small, stream: true }\n      expect: { offer: small/own }',
    ],
    [
      'all engines down',
      'principal: { team: red }\n      request: { model: small }\n      load: { "10.0.0.1:8000": { down: true }, "10.0.0.2:8000": { down: true }, "10.0.0.3:8000": { down: true } }\n      expect: { offer: small/corp }',
    ],
    [
      'a header',
      'principal: { team: red }\n      request: { model: small, headers: { x-tier: gold } }\n      expect: { offer: small/corp }',
    ],
    [
      'a stranger',
      'principal: { team: anonymous }\n      request: { model: next }\n      expect: { offer: next/spare }',
    ],
    [
      'a stranger is refused',
      'principal: { team: anonymous }\n      request: { model: small }\n      expect: { denied: missing-key }',
    ],
    [
      'a prompt of this many tokens',
      'principal: { team: red }\n      request: { model: small, promptTokens: 9990 }\n      expect: { offer: small/own }',
    ],
    [
      'a prompt that is too long',
      'principal: { team: red }\n      request: { model: small, promptTokens: 10001 }\n      expect: { denied: context-exceeded }',
    ],
    [
      'a team that may not',
      'principal: { team: blue }\n      request: { model: next }\n      expect: { denied: model-not-allowed }',
    ],
    [
      'a policy sees the specimen',
      'principal: { team: red }\n      request: { model: small, messages: [ { role: user, content: "use {{sample aws-access-key}}" } ] }\n      expect: { denied: secret-found }',
    ],
    [
      'a policy sees nothing in plain words',
      'principal: { team: red }\n      request: { model: small, messages: [ { role: user, content: "use nothing" } ] }\n      expect: { offer: small/own }',
    ],
  ])('%s', (_what, testCase) => {
    expect(failureOf(testCase)).toEqual([]);
  });
});

const RED = 'principal: { team: red }';
const FROM_MODEL = 'request: { model: small }';
const STREAMED = 'request: { model: small, stream: true }';
const SECRET_ANSWER = 'answer: { chunks: [ "the key is ", "{{sample aws-access-key}}", ", keep it" ], cut: every }';
const SECRET_PROMPT =
  'request: { model: small, messages: [ { role: user, content: "use {{sample aws-access-key}} now" } ] }';

describe('what a case may expect beside the offer', () => {
  test.each<[string, EvaluatePolicy, readonly string[]]>([
    ['a key', denyFindings, ['principal: { key: red-key }', FROM_MODEL, 'expect: { offer: small/own }']],
    [
      'engine and attempts',
      denyFindings,
      [
        RED,
        FROM_MODEL,
        'seed: 3',
        'load: { "10.0.0.1:8000": { down: true }, "10.0.0.2:8000": { waiting: 9 } }',
        'expect: { offer: small/own, endpoint: "10.0.0.3:8000", attempts: [ small/own, small/corp, small/cloud ], headers: { headgate-model: small } }',
      ],
    ],
    [
      'what Envoy is told of tries and waits, of a plain request',
      denyFindings,
      [
        RED,
        FROM_MODEL,
        'expect: { offer: small/own, retry: { attempts: 3, on: [ timeout, reset, connect, 5xx, 429 ] }, timeouts: { try: 2m, idle: 60s, total: 10m } }',
      ],
    ],
    ['and of a streamed one', denyFindings, [RED, STREAMED, 'expect: { offer: small/own, timeouts: { try: 10s } }']],
    [
      'a guardrail that fails refuses',
      denyFindings,
      [
        RED,
        FROM_MODEL,
        'guardrails: { g: fail }',
        'expect: { denied: policy-failed, headers: { content-type: application/json } }',
      ],
    ],
    [
      'an answer that is let through',
      denyFindings,
      [RED, FROM_MODEL, 'answer: { chunks: [ a, b ] }', 'expect: { offer: small/own, text: ab }'],
    ],
    ['an answer that is refused', denyFindings, [RED, FROM_MODEL, SECRET_ANSWER, 'expect: { denied: secret-found }']],
    [
      'a stream that is cut',
      denyFindings,
      [RED, STREAMED, SECRET_ANSWER, 'expect: { denied: secret-found, neverVisible: [ "{{sample aws-access-key}}" ] }'],
    ],
    [
      'a stream without its secret, wherever it is cut',
      redactFindings,
      [
        RED,
        STREAMED,
        SECRET_ANSWER,
        'expect: { offer: small/own, text: "the key is [gone], keep it", redactions: [ aws-access-key ], neverVisible: [ "{{sample aws-access-key}}" ] }',
      ],
    ],
    [
      'a request without its secret',
      redactFindings,
      [
        RED,
        SECRET_PROMPT,
        'expect: { offer: small/own, redactions: [ aws-access-key ], neverSent: [ "{{sample aws-access-key}}" ] }',
      ],
    ],
  ])('%s', (_what, evaluate, lines) => {
    expect(failureOf(lines.join('\n      '), evaluate)).toEqual([]);
  });

  test('a guardrail that fails lets through, where it is told to', () => {
    const open = GUARDRAIL.replace('spec: {', 'spec: { onError: allow,');
    const failing = [RED, SECRET_PROMPT, SECRET_ANSWER, 'guardrails: { g: fail }', 'expect: { offer: small/own }'];
    expect(failureOf(failing.join('\n      '), denyFindings, open)).toEqual([]);
  });

  test('what is not so is told, each thing once', () => {
    const wrong = failureOf(
      [
        RED,
        STREAMED,
        'answer: { chunks: [ "my secret word" ], cut: every }',
        'expect: { offer: small/own, endpoint: "10.0.0.9:8000", attempts: [ small/own ], retry: { attempts: 2, on: [ connect ] }, timeouts: { try: 1s, idle: 1s, total: 1s }, headers: { headgate-model: large }, redactions: [ card ], neverSent: [ xx ], neverVisible: [ secret ], text: hello }',
      ].join('\n      '),
    );
    expect(wrong.filter((line) => !line.startsWith('expected endpoint'))).toEqual([
      'expected attempts: small/own, and it is: small/own, small/corp, small/cloud',
      'expected retry.attempts: 2, and it is: 3',
      'expected retry.on: connect, and it is: 429, 5xx, connect, reset, timeout',
      'expected timeouts.try: 1000 ms, and it is: 10000 ms',
      'expected timeouts.idle: 1000 ms, and it is: 60000 ms',
      'expected timeouts.total: 1000 ms, and it is: 600000 ms',
      'expected header headgate-model: large, and it is: small',
      'expected redactions: card, and it is: none',
      'expected text: hello, and it is: my secret word',
      'text 1 of neverSent is there: xx',
      'text 1 of neverVisible is there: secret',
    ]);
    expect(wrong.length).toBe(12);
  });

  test('an answer that is too long for every cut', () => {
    const chunks = `answer: { chunks: [ ${['a', 'b', 'c'].map((letter) => `"${letter.repeat(1_000)}"`).join(', ')} ], cut: every }`;
    expect(failureOf([RED, STREAMED, chunks, 'expect: { offer: small/own }'].join('\n      '))).toEqual([
      'an answer that is cut everywhere may have 2000 characters at the most',
    ]);
  });
});

describe('a case that does not hold says what was decided', () => {
  test.each<[string, string, string]>([
    [
      'another offer',
      'principal: { team: red }\n      request: { model: small }\n      expect: { offer: small/cloud }',
      'expected offer: small/cloud, and the decision is offer: small/own',
    ],
    [
      'a refusal in place of an offer',
      'principal: { team: blue }\n      request: { model: next }\n      expect: { offer: next/own }',
      'expected offer: next/own, and the decision is denied: model-not-allowed',
    ],
    [
      'an offer in place of a refusal',
      'principal: { team: red }\n      request: { model: small }\n      expect: { denied: secret-found }',
      'expected denied: secret-found, and the decision is offer: small/own',
    ],
    [
      'another refusal',
      'principal: { team: red }\n      request: { model: small, promptTokens: 20000 }\n      expect: { denied: no-candidate }',
      'expected denied: no-candidate, and the decision is denied: context-exceeded',
    ],
    [
      'a prompt that would take all memory',
      'principal: { team: red }\n      request: { model: small, promptTokens: 100000000 }\n      expect: { denied: context-exceeded }',
      'a prompt may have 10000000 tokens at the most here',
    ],
  ])('%s', (_what, testCase, failure) => {
    expect(failureOf(testCase)).toEqual([failure]);
  });
});
