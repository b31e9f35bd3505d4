import { describe, expect, test } from 'vitest';
import {
  chatBody,
  exchangeLab,
  type HeadersParts,
  refusalOf,
  requestBody,
  requestHeaders,
} from '../../../test/support/exchange-lab.ts';
import { fixtureRevision, policyResult, routeDocument } from '../../../test/support/revision-fixture.ts';
import { attemptClass } from '../ir/route.ts';
import type { BodyReply, ProcessingReply } from './messages.ts';

const revision = fixtureRevision();
const ROUTE_CLASS = attemptClass({
  retry: { attempts: 3, on: ['connect', 'reset', '5xx', '429', 'timeout'] },
  timeouts: { headersMs: 10_000, answerMs: 120_000, idleMs: 60_000, totalMs: 600_000 },
  bodyBytesMax: 8 * 1024 * 1024,
});
const text = new TextDecoder();

describe('the body of a request', () => {
  function replyTo(
    body: Parameters<typeof requestBody>[0],
    parts: HeadersParts = {},
    loaded = revision,
  ): readonly ProcessingReply[] {
    const lab = exchangeLab(loaded);
    lab.send(requestHeaders(parts));
    return lab.send(requestBody(body));
  }

  test('gets the decision: attempts, engines, what each hop must write, and the body of the first attempt', () => {
    const body = '{"model":"small-8b","messages":[{"role":"user","content":"hello"}]}';
    expect(replyTo({})).toEqual([
      {
        kind: 'request-body',
        clearRouteCache: true,
        setHeaders: [
          ['x-headgate-decision', 'dec-1'],
          ['x-headgate-class', ROUTE_CLASS],
          ['x-envoy-max-retries', '2'],
          ['x-envoy-upstream-rq-per-try-timeout-ms', '120000'],
          ['content-length', String(body.length)],
        ],
        removeHeaders: ['authorization'],
        body: { kind: 'replace', bytes: chatBody(body) },
        dynamicMetadata: {
          'headgate.groups': {
            priority_groups: [
              { name: 'attempt-1', clusters: [{ cluster_name: 'pool-gpus', weight: 1 }] },
              { name: 'attempt-2', clusters: [{ cluster_name: 'hop-corp', weight: 1 }] },
              { name: 'attempt-3', clusters: [{ cluster_name: 'hop-cloud', weight: 1 }] },
            ],
          },
          'headgate.lb': { hosts: '10.0.0.3:8000' },
          'headgate.hop': { id: 'dec-1', 'hop-corp': '{"model":"corp-small"}', 'hop-cloud': '{"model":"cloud-small"}' },
        },
      },
    ]);
  });

  test('of a stream asks for its usage, and each try is timed to its headers', () => {
    const [reply] = replyTo({ stream: true }) as readonly [BodyReply];
    expect(reply.setHeaders?.slice(3, 5)).toEqual([
      ['x-envoy-upstream-rq-per-try-timeout-ms', '10000'],
      ['x-headgate-stream', '1'],
    ]);
    expect(reply.body?.kind === 'replace' ? JSON.parse(text.decode(reply.body.bytes)) : undefined).toEqual({
      model: 'small-8b',
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'hello' }],
    });
  });

  test('goes on without the query, and with no header but those that every upstream may see', () => {
    const passing = ['host', 'content-type', 'content-length', 'accept', 'user-agent', 'x-request-id'];
    const withheld = ['openai-organization', 'proxy-authorization', 'x-amz-security-token', 'x-data-parallel-rank'];
    const headers = Object.fromEntries([...passing, ...withheld, 'content-encoding'].map((name) => [name, 'identity']));
    const [reply] = replyTo({}, { path: '/v1/chat/completions?api-key=x', headers }) as readonly [BodyReply];
    expect([reply.removeHeaders, reply.setHeaders?.find(([name]) => name === ':path')]).toEqual([
      ['authorization', ...withheld, 'content-encoding'],
      [':path', '/v1/chat/completions'],
    ]);
  });

  test('that needs no change is not sent back, and its length is not touched', () => {
    const targets = 'match: { models: [ same ], teams: [ "*" ] }\n  targets: [ { offers: [ corp ] } ]';
    const model =
      'apiVersion: headgate.dev/v1\nkind: Model\nmetadata: { name: same }\nspec: { context: 1000, offers: [ { name: corp, provider: corp, upstreamModel: same, price: { input: 1, output: 1 } } ] }';
    const loaded = fixtureRevision({ routes: [routeDocument('same', targets)], documents: [model] });
    expect(replyTo({ model: 'same' }, {}, loaded)).toEqual([
      {
        kind: 'request-body',
        clearRouteCache: true,
        setHeaders: [
          ['x-headgate-decision', 'dec-1'],
          ['x-headgate-class', ROUTE_CLASS],
          ['x-envoy-max-retries', '0'],
          ['x-envoy-upstream-rq-per-try-timeout-ms', '120000'],
        ],
        removeHeaders: ['authorization'],
        dynamicMetadata: {
          'headgate.groups': {
            priority_groups: [{ name: 'attempt-1', clusters: [{ cluster_name: 'hop-corp', weight: 1 }] }],
          },
          'headgate.hop': { id: 'dec-1' },
        },
      },
    ]);
  });

  test.each<[string, string | Readonly<Record<string, unknown>>, number, string]>([
    ['is no JSON', '{"model":', 400, 'invalid-json'],
    ['is empty', '', 400, 'invalid-json'],
    ['is no request', '[]', 400, 'invalid-json'],
    ['is deep', `{"model":"small","messages":[],"x":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, 400, 'invalid-json'],
    ['names its model twice', '{"model":"small","model":"next","messages":[]}', 400, 'invalid-request'],
    ['names no model', '{"messages":[]}', 400, 'invalid-request'],
    ['names a model that is none', { model: 'gpt-9' }, 404, 'unknown-model'],
    ['names __proto__', { model: '__proto__' }, 404, 'unknown-model'],
    ['names constructor', { model: 'constructor' }, 404, 'unknown-model'],
    ['names a model of a million letters', { model: 'x'.repeat(1_000_000) }, 404, 'unknown-model'],
    ['names a model that no route serves', { model: 'next' }, 403, 'no-route'],
    ['asks for more than fits', { max_tokens: 10_000 }, 400, 'context-exceeded'],
    ['asks for more than any number', { max_tokens: Number.MAX_SAFE_INTEGER }, 400, 'context-exceeded'],
    ['needs what no offer can do', { response_format: { type: 'json_schema' } }, 503, 'no-candidate'],
  ])('that %s is refused, once', (_what, body, status, code) => {
    const lab = exchangeLab(revision);
    lab.send(requestHeaders());
    const replies = lab.send(requestBody(body));
    lab.end();
    expect([refusalOf(replies), lab.records.map(({ refusal, outcome }) => [refusal?.code, outcome?.kind])]).toEqual([
      [1, 'immediate', status, code],
      [[code, 'refused']],
    ]);
  });

  test('leaves no word of the prompt and no long name in the record', () => {
    const lab = exchangeLab(revision);
    lab.send(requestHeaders());
    lab.send(requestBody({ model: `m${'x'.repeat(1_000)}`, messages: [{ role: 'user', content: 'the prompt' }] }));
    expect(JSON.stringify(lab.records)).not.toContain('the prompt');
    expect(lab.records[0]?.request.model).toBe(`m${'x'.repeat(199)}`);
  });

  test('that a policy denies is answered with the code and message of the policy', () => {
    const guardrail =
      'apiVersion: headgate.dev/v1\nkind: Guardrail\nmetadata: { name: g }\nspec: { package: fixture, stages: [ request ] }';
    const evaluate = policyResult({
      g: { deny: [{ code: 'secret-found', message: 'it holds a secret' }], warn: [], redact: [], route: [] },
    });
    const lab = exchangeLab(fixtureRevision({ documents: [guardrail], evaluate }));
    lab.send(requestHeaders());
    expect(lab.send(requestBody())).toEqual([
      {
        kind: 'immediate',
        status: 403,
        headers: [
          ['content-type', 'application/json'],
          ['headgate-decision', 'dec-1'],
        ],
        body: '{"error":{"message":"it holds a secret","type":"policy_denied","param":null,"code":"secret-found"}}',
        details: 'headgate_policy-denied',
        dynamicMetadata: { 'headgate.reply': { ready: true } },
      },
    ]);
    expect(lab.records.map(({ refusal, policies }) => ({ refusal, policies }))).toEqual([
      {
        refusal: { reason: 'policy-denied', code: 'secret-found' },
        policies: [{ guardrail: 'g', stage: 'request', rule: 'deny', code: 'secret-found', enforced: true }],
      },
    ]);
  });

  test('is not kept for the time of the answer', () => {
    const lab = exchangeLab(revision);
    lab.send(requestHeaders());
    lab.send(requestBody({ messages: [{ role: 'user', content: 'the prompt' }] }));
    const { decision, request } = lab.exchange() as unknown as { decision: object; request: { texts: object[] } };
    expect([Object.hasOwn(decision, 'body'), request.texts]).toEqual([false, []]);
  });

  test('reserves its tokens at the engine of the first attempt', () => {
    const lab = exchangeLab(revision);
    lab.send(requestHeaders());
    lab.send(requestBody({ max_tokens: 50 }));
    const busy = [...lab.ledger.endpoints].filter(([, load]) => load.activeRequests > 0);
    expect(
      busy.map(([address, { activeRequests, reservedTokens }]) => ({ address, activeRequests, reservedTokens })),
    ).toEqual([{ address: '10.0.0.3:8000', activeRequests: 1, reservedTokens: 56 }]);
  });
});
