import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../src/app/demo/stack/free-port.ts';
import { withCarriedClusters } from '../../src/core/envoy/carried-clusters.ts';
import { type CompileSettings, compileFleet, type FleetResources } from '../../src/core/envoy/compile-fleet.ts';
import type { Guardrail } from '../../src/core/ir/guardrail.ts';
import { attemptClass } from '../../src/core/ir/route.ts';
import { createAuthority, issueCertificate } from '../../src/sim/certificates.ts';
import { describeWithTool } from '../support/require-tool.ts';
import { caseOf, endpoint, guardrail, pool, provider, route } from './fleet-cases.ts';
import { type ProxyLab, startProxy } from './proxy-lab.ts';
import { type Script, scriptDecider } from './script-decider.ts';
import { completion, type SeenRequest, startUpstream, type Upstream } from './upstream-lab.ts';

const chat = route('chat', {
  retry: { attempts: 1, on: ['connect', 'reset', '5xx', '429', 'timeout'] },
  timeouts: { headersMs: 200, answerMs: 20_000, idleMs: 300, totalMs: 30_000 },
  bodyBytesMax: 2 * 1024 ** 2,
});

describeWithTool('envoy', 'a real Envoy with our resources', (envoy) => {
  const authority = createAuthority();
  const seen: SeenRequest[] = [];
  const usages: unknown[] = [];
  let upstreams: Readonly<Record<'first' | 'second' | 'corp' | 'impostor', Upstream>>;
  let deadPort: number;
  let proxy: ProxyLab;

  beforeAll(async () => {
    const ofCorp = issueCertificate(authority, { hosts: ['127.0.0.1'] });
    const ofAnother = issueCertificate(authority, { hosts: ['another.example'] });
    upstreams = {
      first: await startUpstream('first', seen),
      second: await startUpstream('second', seen),
      corp: await startUpstream('corp', seen, ofCorp),
      impostor: await startUpstream('impostor', seen, ofAnother),
    };
    deadPort = await freePort();
    proxy = await startProxy(envoy, compiled({}), { 'corp-key': 'key-of-corp' });
  });
  afterAll(async () => {
    await proxy.stop();
    for (const upstream of Object.values(upstreams)) await upstream.close();
  });
  afterEach(() => {
    seen.length = 0;
    usages.length = 0;
    for (const upstream of Object.values(upstreams)) upstream.answer = completion(upstream.name);
  });

  function compiled(parts: { readonly guardrails?: readonly Guardrail[]; readonly without?: string }): FleetResources {
    const providers = [
      provider('corp', {
        type: 'openai-compatible',
        endpoint: endpoint(`https://127.0.0.1:${upstreams.corp.port}/compat`),
        secret: 'corp-key',
      }),
      provider('impostor', {
        type: 'openai-compatible',
        endpoint: endpoint(`https://127.0.0.1:${upstreams.impostor.port}/v1`),
      }),
      provider('dead', { type: 'openai-compatible', endpoint: endpoint(`http://127.0.0.1:${deadPort}/v1`) }),
    ];
    const { ir, fleet } = caseOf({
      pools: [pool('own', [host('first'), host('second')]), pool('empty', [])],
      providers: providers.filter(({ name }) => name !== parts.without),
      routes: [chat],
      guardrails: parts.guardrails ?? [],
    });
    const pem = authority.certificatePem;
    const settings: CompileSettings = { revision: 'sha256:1', authorities: { system: { pem }, named: {} } };
    return compileFleet(ir, fleet, settings);
  }

  function host(name: 'first' | 'second'): string {
    return `127.0.0.1:${upstreams[name].port}`;
  }

  function decide(script: Partial<Script>): void {
    const whole = { attemptClass: attemptClass(chat), attempts: ['pool-own'], ...script };
    proxy.decider = scriptDecider(whole, (usage) => usages.push(usage));
  }

  async function ask(headers: Readonly<Record<string, string>> = {}, body = '{"model":"m"}') {
    const request = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
    const response = await fetch(`${proxy.url}/v1/chat/completions`, request);
    return {
      status: response.status,
      decision: response.headers.get('headgate-decision'),
      text: await response.text(),
    };
  }

  const errorCode = (text: string): unknown => (JSON.parse(text) as { error: { code: unknown } }).error.code;

  test('the engine that the decision names answers, and its usage is reported', async () => {
    decide({ hosts: [host('second')] });
    const answer = await ask({ authorization: 'Bearer of-the-client' });
    expect([answer.status, answer.decision, JSON.parse(answer.text)]).toMatchObject([200, 'dec-1', { id: 'second' }]);
    expect(seen.map(({ upstream, path, body }) => ({ upstream, path, body }))).toEqual([
      { upstream: 'second', path: '/v1/chat/completions', body: '{"model":"m"}' },
    ]);
    expect(internalHeaders(seen[0])).toEqual([]);
    expect(usages).toMatchObject([{ inputTokens: 3, outputTokens: 5, totalTokens: 8 }]);
  });

  test('engines that fail are followed by the provider, with its path, host, body and key', async () => {
    for (const name of ['first', 'second'] as const)
      upstreams[name].answer = (response) => response.writeHead(503).end();
    decide({
      attempts: ['pool-own', 'pool-own', 'hop-corp'],
      hosts: [host('first'), host('second')],
      adapted: { 'hop-corp': '{"model":"corp-m"}' },
    });
    const answer = await ask({ authorization: 'Bearer of-the-client', cookie: 'of=the-client' });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([200, { id: 'corp' }]);
    const [, , last] = seen;
    expect(seen.map(({ upstream, path, body }) => ({ upstream, path, body }))).toEqual([
      { upstream: 'first', path: '/v1/chat/completions', body: '{"model":"m"}' },
      { upstream: 'second', path: '/v1/chat/completions', body: '{"model":"m"}' },
      { upstream: 'corp', path: '/compat/chat/completions', body: '{"model":"corp-m"}' },
    ]);
    expect(last?.headers).toMatchObject({
      host: `127.0.0.1:${upstreams.corp.port}`,
      authorization: 'Bearer key-of-corp',
      'content-length': '18',
    });
    expect([last?.headers.cookie, last?.headers['x-request-id'], last?.headers['x-forwarded-for']]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(internalHeaders(last)).toEqual([]);
    expect(usages).toMatchObject([{ totalTokens: 8 }]);
  });

  test('an empty pool, a dead provider and one with a certificate for another host are passed over', async () => {
    decide({ attempts: ['pool-empty', 'hop-dead', 'hop-impostor', 'hop-corp'] });
    const answer = await ask();
    expect([answer.status, seen.map(({ upstream }) => upstream)]).toEqual([200, ['corp']]);
  });

  test('a certificate for another host never gets a request', async () => {
    decide({ attempts: ['hop-impostor'] });
    const answer = await ask();
    expect([answer.status, errorCode(answer.text), seen]).toEqual([503, 'provider_unreachable', []]);
  });

  test.each([
    ['that reaches no decider', () => undefined, 503, 'no_decision'],
    [
      'whose decision is of a class that this proxy does not know',
      () => ({ attemptClass: 'of-another-revision' }),
      503,
      'no_decision',
    ],
    ['whose decision has no attempts', () => ({ attempts: [] }), 503, 'no_answer'],
  ])('a request %s ends at the gateway', async (_name, script: () => Partial<Script> | undefined, status, code) => {
    const said = script();
    if (said === undefined) {
      proxy.decider = () => {
        throw new Error('no decision');
      };
    } else decide(said);
    const answer = await ask({ 'x-headgate-decision': 'mine', 'x-headgate-class': attemptClass(chat) });
    expect([answer.status, errorCode(answer.text), seen]).toEqual([status, code, []]);
  });

  test('a body above the largest that a route takes is refused in our words', async () => {
    decide({});
    const answer = await ask({}, 'x'.repeat(3 * 1024 ** 2));
    expect([answer.status, errorCode(answer.text), seen]).toEqual([413, 'request_payload_too_large', []]);
  });

  test.each<[string, string, number, string]>([
    [
      'a body of two lengths',
      'HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4',
      400,
      'http1.codec_error',
    ],
    [
      'a body with a length and in chunks',
      'HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked',
      400,
      'http1.content_length_and_chunked_not_allowed',
    ],
    ['no host', 'HTTP/1.1', 400, 'missing_host_header'],
    ['an old version', 'HTTP/1.0\r\nhost: x', 426, 'low_version'],
  ])('%s is answered without the decider', async (_what, rest, status, code) => {
    proxy.decider = () => {
      throw new Error('nobody asks it');
    };
    const text = await firstAnswer(proxy.url, `POST /v1/chat/completions ${rest}\r\n\r\n`);
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect([head.split(' ')[1], errorCode(body), seen]).toEqual([`${status}`, code, []]);
  });

  test('a stream that falls silent is cut, a plain answer may take its time', async () => {
    upstreams.first.answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {}\n\n');
    };
    decide({ hosts: [host('first')], stream: true });
    await expect(ask()).rejects.toThrow();
    upstreams.first.answer = (response) => setTimeout(() => completion('first')(response), 1_500);
    decide({ hosts: [host('first')] });
    expect((await ask()).status).toBe(200);
  });

  test('a key that is revoked is sent no more', async () => {
    decide({ attempts: ['hop-corp'] });
    await proxy.setSecrets({});
    const refused = await ask();
    await proxy.setSecrets({ 'corp-key': 'key-of-tomorrow' });
    const served = await ask();
    expect([refused.status, served.status]).toEqual([401, 200]);
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer key-of-tomorrow']);
  });

  test('a decision of the previous revision may name a provider that is gone: it goes on to the next attempt', async () => {
    const [before, after] = [compiled({}), compiled({ without: 'corp' })];
    await proxy.publish('without-corp', {
      ...after,
      resources: withCarriedClusters(after.resources, before.resources),
    });
    decide({ attempts: ['hop-corp', 'pool-own'], hosts: [host('first')] });
    const answer = await ask();
    await proxy.publish('with-corp', before);
    expect([answer.status, seen.map(({ upstream }) => upstream)]).toEqual([200, ['first']]);
  });

  test('an answer that outlives its decider gives no orders, and leads nobody elsewhere', async () => {
    const told = ['x-envoy-overloaded', 'x-headgate-decision', 'headgate-model', 'set-cookie', 'location'];
    upstreams.first.answer = (response) => {
      for (const name of told) response.setHeader(name, 'of the upstream');
      completion('first')(response);
    };
    decide({ hosts: [host('first')], diesAtAnswer: true });
    const answer = await fetch(`${proxy.url}/v1/chat/completions`, { method: 'POST', body: '{"model":"m"}' });
    expect([answer.status, told.filter((name) => answer.headers.has(name))]).toEqual([200, []]);
  });

  test('a decider that dies before the answer lets it out, but not where it must be watched', async () => {
    upstreams.first.answer = (response) => response.end('not for everyone');
    decide({ hosts: [host('first')], diesAtAnswer: true });
    const unwatched = await ask();
    const guardrails = [guardrail({ stages: ['response'], mode: 'enforce', onError: 'deny' })];
    await proxy.publish('watched', compiled({ guardrails }));
    const watched = await ask();
    expect([unwatched.status, unwatched.text]).toEqual([200, 'not for everyone']);
    expect([watched.status, errorCode(watched.text)]).toEqual([503, 'no_answer']);
  });
});

/** What comes back for bytes that no HTTP client would send; empty where the connection closes without an answer. */
function firstAnswer(url: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (piece) => {
      text += piece;
    });
    socket.once('close', () => resolve(text));
    socket.once('error', reject);
  });
}

/** What only the gateway's own parts may see. */
function internalHeaders(request: SeenRequest | undefined): string[] {
  const names = Object.keys(request?.headers ?? {});
  return names.filter(
    (name) => name.startsWith('x-headgate-') || name.startsWith('x-envoy-max') || name.includes('-per-try-'),
  );
}
