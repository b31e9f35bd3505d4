import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Asked, decideRequest, ledgerWith, RED, summary } from '../../../test/support/decision-lab.ts';
import { chatBody } from '../../../test/support/exchange-lab.ts';
import { fixtureRevision, policyResult, routeDocument } from '../../../test/support/revision-fixture.ts';
import { assert } from '../base/assert.ts';
import { createLedger, endpointLoad, type Ledger } from '../load/ledger.ts';
import type { DecisionRecord } from './record.ts';

const revision = fixtureRevision();
const GUARDRAIL =
  'apiVersion: headgate.dev/v1\nkind: Guardrail\nmetadata: { name: g }\nspec: { package: fixture, stages: [ request ], mode: MODE, onError: ON_ERROR }';

function guarded(value: Readonly<Record<string, object>>, mode = 'enforce') {
  const documents = [GUARDRAIL.replace('MODE', mode).replace('ON_ERROR', 'deny')];
  const nothing = { deny: [], warn: [], redact: [], route: [] };
  return fixtureRevision({ documents, evaluate: policyResult({ g: { ...nothing, ...value } }) });
}

describe('a decision', () => {
  test('leaves all that it looked at', () => {
    const ledger = ledgerWith({ '10.0.0.1:8000': 8 }, ['10.0.0.2:8000']);
    const { record } = decideRequest(revision, { ledger, nowMs: 10, seed: 7, body: { stream: true, max_tokens: 100 } });
    const engine = { activeRequests: 0, prefillTokensPerSecond: 8_000, down: false };
    expect(record).toEqual({
      id: 'dec-1',
      timeMs: 10,
      digest: revision.revision.digest,
      commit: 'commit-1',
      request: {
        path: '/v1/chat/completions',
        model: 'small',
        stream: true,
        promptTokens: 6,
        outputTokensMax: 100,
        needs: ['streaming'],
        bodyBytes: 95,
      },
      principal: { team: 'red', key: 'red-key' },
      route: 'chat',
      model: 'small',
      removed: [],
      candidates: [
        {
          pool: 'gpus',
          endpoints: [
            { ...engine, address: '10.0.0.3:8000', queuedTokens: 0, costSeconds: 0.001125 },
            { ...engine, address: '10.0.0.1:8000', queuedTokens: 3_920, costSeconds: 0.491125 },
          ],
          down: ['10.0.0.2:8000'],
        },
      ],
      attempts: [
        { offer: 'small/own', cluster: 'pool-gpus', address: '10.0.0.3:8000' },
        { offer: 'small/corp', cluster: 'hop-corp' },
        { offer: 'small/cloud', cluster: 'hop-cloud' },
      ],
      policies: [],
      seed: 7,
    });
  });

  test('changes nothing that it looks at', () => {
    const ledger = ledgerWith({ '10.0.0.1:8000': 8, '10.0.0.2:8000': 0, '10.0.0.3:8000': 0 });
    const before = structuredClone(ledger);
    decideRequest(revision, { ledger });
    expect(ledger).toEqual(before);
  });

  test('is larger than its route takes', () => {
    const routes = [
      routeDocument(
        'chat',
        'match: { models: [ small ], teams: [ "*" ] }\n  targets: [ { offers: [ own ] } ]\n  body: { max: 1KiB }',
      ),
    ];
    const loaded = fixtureRevision({ routes });
    const sized = (bytes: number): string =>
      summary(decideRequest(loaded, { body: { user: 'x'.repeat(bytes - chatBody({ user: '' }).length) } }));
    expect([sized(1_024), sized(1_025)]).toEqual([
      'small/own@10.0.0.2:8000 small/own@10.0.0.1:8000 small/own@10.0.0.3:8000',
      'body-too-large',
    ]);
  });
});

describe('policies', () => {
  const secret = { deny: [{ code: 'secret-found', message: 'it holds a secret' }] };

  test('refuse with their own code', () => {
    const decision = decideRequest(guarded(secret));
    expect([summary(decision), decision.record.policies]).toEqual([
      'secret-found',
      [{ guardrail: 'g', stage: 'request', rule: 'deny', code: 'secret-found', enforced: true }],
    ]);
  });

  test('in shadow leave their mark alone', () => {
    const decision = decideRequest(guarded(secret, 'shadow'));
    expect([decision.kind, decision.record.policies]).toEqual([
      'allowed',
      [{ guardrail: 'g', stage: 'request', rule: 'deny', code: 'secret-found', enforced: false }],
    ]);
  });

  test('write over what they found, and nothing else', () => {
    const redact = [{ ptr: '/messages/0/content', start: 0, end: 4, with: '[gone]' }];
    const decision = decideRequest(guarded({ redact }));
    assert(decision.kind === 'allowed' && decision.body !== undefined, 'the body is written anew');
    expect(new TextDecoder().decode(decision.body)).toBe(
      '{"model":"small-8b","messages":[{"role":"user","content":"[gone]o"}]}',
    );
  });

  test.each<[string, string, string]>([
    ['closed', 'deny', 'policy-failed'],
    ['open', 'allow', 'allowed'],
  ])('whose builtins fail, fail %s', (_how, onError, expected) => {
    const loaded = fixtureRevision({
      documents: [GUARDRAIL.replace('MODE', 'enforce').replace('ON_ERROR', onError)],
      evaluate: () => ({ kind: 'result', value: { g: {} }, fuelUsed: 0, builtinErrors: ['regex.replace: no'] }),
    });
    const decision = decideRequest(loaded);
    expect(decision.kind === 'refused' ? decision.refusal.code : decision.kind).toBe(expected);
    const enforced = onError === 'deny';
    const policies = [{ guardrail: 'g', stage: 'request', rule: 'failed', code: 'builtin', enforced }];
    expect(decision.record.policies).toEqual(policies);
  });

  test.each<[string, string, string]>([
    ['closed', 'deny', 'policy-failed'],
    ['open', 'allow', 'allowed'],
  ])('that fail, fail %s', (_how, onError, expected) => {
    const loaded = fixtureRevision({
      documents: [GUARDRAIL.replace('MODE', 'enforce').replace('ON_ERROR', onError)],
      evaluate: () => ({ kind: 'failed', reason: 'fuel', message: 'too many steps' }),
    });
    const decision = decideRequest(loaded);
    expect(decision.kind === 'refused' ? decision.refusal.code : decision.kind).toBe(expected);
    expect(decision.record.policies).toEqual([
      { guardrail: 'g', stage: 'request', rule: 'failed', code: 'fuel', enforced: onError === 'deny' },
    ]);
  });
});

/** Any load of the three engines, and a request. */
const anyAsked: fc.Arbitrary<Asked & { readonly ledger: Ledger }> = fc
  .record({
    seed: fc.nat(),
    id: fc.string(),
    waiting: fc.array(fc.nat(100), { minLength: 3, maxLength: 3 }),
    down: fc.subarray(['10.0.0.1:8000', '10.0.0.2:8000', '10.0.0.3:8000']),
    stream: fc.boolean(),
    content: fc.string({ maxLength: 2_000 }),
  })
  .map(({ seed, id, waiting, down, stream, content }) => ({
    seed,
    id,
    ledger: ledgerWith(Object.fromEntries(waiting.map((count, index) => [`10.0.0.${index + 1}:8000`, count])), down),
    body: { stream, messages: [{ role: 'user', content }] },
    principal: RED,
  }));

describe('the same arguments give the same decision', () => {
  test('twice', () => {
    fc.assert(
      fc.property(anyAsked, (asked) => {
        expect(decideRequest(revision, asked)).toEqual(decideRequest(revision, asked));
      }),
    );
  });

  test('and so does a ledger that is rebuilt from the record: what it holds of each engine is all that counted', () => {
    fc.assert(
      fc.property(anyAsked, (asked) => {
        const { record } = decideRequest(revision, asked);
        const again = decideRequest(revision, { ...asked, seed: record.seed, ledger: ledgerOf(record) });
        expect(again.record).toEqual(record);
      }),
    );
  });

  test('an engine that is down is never tried, and the first try is never dearer than 3 % above the cheapest', () => {
    fc.assert(
      fc.property(anyAsked, (asked) => {
        const { attempts, candidates } = decideRequest(revision, asked).record;
        const endpoints = candidates.flatMap((candidate) => candidate.endpoints);
        const downAndTried = attempts.filter(
          ({ address }) => address !== undefined && asked.ledger.endpoints.get(address)?.unreachable,
        );
        const cheapest = Math.min(...endpoints.map(({ costSeconds }) => costSeconds));
        expect(downAndTried).toEqual([]);
        expect(endpoints[0]?.costSeconds ?? 0).toBeLessThanOrEqual(endpoints.length === 0 ? 0 : cheapest * 1.03);
      }),
    );
  });
});

/** The engines as the record has them; one that is not in it was down. */
function ledgerOf(record: DecisionRecord): Ledger {
  const ledger = createLedger();
  for (const address of ['10.0.0.1:8000', '10.0.0.2:8000', '10.0.0.3:8000']) {
    const seen = record.candidates
      .flatMap(({ endpoints }) => endpoints)
      .find((endpoint) => endpoint.address === address);
    const { queuedTokens = 0, activeRequests = 0, prefillTokensPerSecond = 1 } = seen ?? {};
    Object.assign(endpointLoad(ledger, address), {
      queuedTokens,
      activeRequests,
      prefillTokensPerSecond,
      unreachable: seen === undefined,
    });
  }
  return ledger;
}
