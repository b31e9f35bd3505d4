import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createDecider, type Decider } from '../../src/app/decider/decider.ts';
import { loadBundleForDecisions } from '../../src/app/decider/load-bundle.ts';
import { compileRevision } from '../../src/app/revision/compile-revision.ts';
import { createPolicyCompiler } from '../../src/app/revision/policy-compiler.ts';
import { present } from '../../src/core/base/assert.ts';
import { digestOfText } from '../../src/core/base/digest.ts';
import type { DecisionRecord } from '../../src/core/decide/record.ts';
import { sample } from '../../src/core/policy/detectors/samples.ts';
import { readWorkingTree } from '../../src/io/git/working-tree.ts';
import { type ExtProcServer, startExtProcServer } from '../../src/io/http/ext-proc-server.ts';
import { connectExtProc, type ExtProcClient } from '../support/ext-proc-client.ts';
import { ADAPT_FILTER } from '../support/ext-proc-client-filter.ts';
import type { AbortPoint, AnswerPlan, ExchangePlan, ExchangeResult } from '../support/ext-proc-client-plan.ts';
import { describeWithTool } from '../support/require-tool.ts';

const KEY = 'hg_integration';

const ANSWER: AnswerPlan = {
  status: 200,
  headers: [['content-type', 'application/json']],
  chunks: ['{"id":"1"}'],
  usage: { status: 'COMPLETE', inputTokens: 100, cachedTokens: 40, outputTokens: 10 },
  attributes: {
    'upstream.request_attempt_count': 1,
    'upstream.address': '127.0.0.1:8001',
    'response.code_details': 'via_upstream',
  },
};

/** The gateway's side of ext_proc as `headgate serve` runs it, by the quickstart; Envoy's side is the client. */
describeWithTool('opa', 'the quickstart, decided over ext_proc', (opa) => {
  const records: DecisionRecord[] = [];
  let onRecord: (record: DecisionRecord) => void = () => undefined;
  let decider: Decider;
  let server: ExtProcServer;
  let client: ExtProcClient;
  let revision: string;

  beforeAll(async () => {
    const { files, findings } = await readWorkingTree('examples/quickstart');
    const known = files.map((file) => {
      const text = new TextDecoder().decode(file.bytes).replace(/sha256:[0-9a-f]{64}/, digestOfText(KEY));
      return { ...file, bytes: new TextEncoder().encode(text) };
    });
    const compiled = await compileRevision(
      { commit: 'c1', files: known, findings },
      createPolicyCompiler(opa),
      undefined,
    );
    const bundle = present(compiled.bundle, 'the compiled quickstart');
    revision = bundle.digest;
    decider = createDecider({
      onRecord: (record) => {
        records.push(record);
        onRecord(record);
      },
      onUnknown: () => undefined,
      standing: () => ({ live: revision, candidate: undefined }),
    });
    decider.hold(await loadBundleForDecisions(bundle));
    server = await startExtProcServer({
      listen: { host: '127.0.0.1', port: 0 },
      onExchange: decider.open,
      onFailure: () => undefined,
      isReady: () => true,
    });
    client = await connectExtProc(server.address);
  });
  afterAll(async () => {
    await client.close();
    await server.drain(0);
  });
  afterEach(() => {
    records.length = 0;
    decider.ledger.endpoints.clear();
  });

  function exchange(body: object, parts: Partial<ExchangePlan> = {}): Promise<ExchangeResult> {
    const headers = [
      [':method', 'POST'],
      [':path', '/v1/chat/completions'],
      ['authorization', `Bearer ${KEY}`],
    ] as const;
    return client.exchange({
      initialMetadata: { 'x-headgate-revision': revision },
      request: { headers, body: JSON.stringify(body) },
      ...parts,
    });
  }

  const chat = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hello' }] };

  function active(): number {
    return [...decider.ledger.endpoints.values()].reduce((sum, load) => sum + load.activeRequests, 0);
  }

  test('a request is allowed: its model is written, its answer is named, its record is whole', async () => {
    const result = await exchange(chat, { upstream: () => ANSWER });
    const [record] = records;
    expect(result.decision).toBe('continue');
    expect(JSON.parse(Buffer.from(result.upstream?.body ?? []).toString())).toEqual({
      ...chat,
      model: 'meta-llama/Llama-3.1-8B-Instruct',
    });
    expect(result.upstream?.isRouteCacheCleared).toBe(true);
    expect(new Map(result.response?.headers).get('headgate-model')).toBe('chat-small');
    expect(new Map(result.response?.headers).get('headgate-decision')).toBe(record?.id);
    expect([records.length, record?.request.model, record?.model, record?.route, record?.commit]).toEqual([
      1,
      'gpt-4o-mini',
      'chat-small',
      'chat',
      'c1',
    ]);
    expect(record?.outcome).toMatchObject({
      kind: 'answered',
      status: 200,
      served: { offer: 'chat-small/own', attempt: 1 },
      usage: { inputTokens: 100, cachedTokens: 40, outputTokens: 10, source: 'reported' },
      costMicroUsd: 4.8,
    });
    expect(active()).toBe(0);
  });

  test('a credential in the prompt is denied by the policy, and nothing reaches an upstream', async () => {
    const content = `use ${sample('aws-access-key')} please`;
    const result = await exchange({ ...chat, messages: [{ role: 'user', content }] });
    expect([result.decision, result.upstream, result.response?.status, result.details]).toEqual([
      'immediate',
      undefined,
      403,
      'headgate_policy-denied',
    ]);
    expect(JSON.parse(result.response?.body ?? '')).toMatchObject({
      error: { code: 'secret-found', type: 'policy_denied' },
    });
    expect(records.map(({ refusal, policies }) => [refusal?.code, policies[0]?.guardrail])).toEqual([
      ['secret-found', 'secrets'],
    ]);
    expect(JSON.stringify(records)).not.toContain('AKIA');
  });

  test('the models are listed for the caller', async () => {
    const headers = [
      [':method', 'GET'],
      [':path', '/v1/models'],
      ['authorization', `Bearer ${KEY}`],
    ] as const;
    const result = await exchange({}, { request: { headers } });
    const list = JSON.parse(result.response?.body ?? '') as { data: { id: string }[] };
    expect([result.decision, result.response?.status, list.data.map(({ id }) => id)]).toEqual([
      'immediate',
      200,
      ['chat-next', 'chat-small', 'gpt-4o-mini'],
    ]);
    expect(records).toEqual([]);
  });

  test('an attempt at the provider gets its own name for the model, and the stream ends behind it', async () => {
    const result = await exchange(chat, {
      filter: ADAPT_FILTER,
      initialMetadata: { 'x-headgate-role': 'adapt', 'x-headgate-revision': revision },
      request: {
        headers: [
          [':method', 'POST'],
          [':path', '/v1/chat/completions'],
          ['x-headgate-adapt', '{"model":"cloud-small-1"}'],
        ],
        body: JSON.stringify(chat),
      },
    });
    const body = Buffer.from(result.upstream?.body ?? []).toString();
    expect([JSON.parse(body), new Map(result.upstream?.headers).get('content-length')]).toEqual([
      { ...chat, model: 'cloud-small-1' },
      String(body.length),
    ]);
    expect([result.replies.length, result.end.status, records]).toEqual([2, 0, []]);
  });

  // By a reset, the server may never see the message that was under way: only where nothing is under way is it known.
  test.each<[AbortPoint, 'reset' | 'half-close', number]>([
    ['deciding-request-headers', 'half-close', 0],
    ['deciding-request-body', 'half-close', 0],
    ['waiting-for-answer', 'half-close', 0],
    ['waiting-for-answer', 'reset', 0],
    ['deciding-response-headers', 'half-close', 200],
    ['in-answer', 'half-close', 200],
    ['in-answer', 'reset', 200],
  ])('a client that leaves (%s, %s) leaves one record and no reservation', async (at, how, status) => {
    const recorded = Promise.withResolvers<DecisionRecord>();
    onRecord = recorded.resolve;
    const result = await exchange(chat, { upstream: () => ANSWER, abort: { at, how } });
    expect((await recorded.promise).outcome).toMatchObject({ kind: 'incomplete', status });
    expect([result.decision, records.length, active()]).toEqual(['aborted', 1, 0]);
  });
});
