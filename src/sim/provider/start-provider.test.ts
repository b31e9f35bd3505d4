import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import { afterEach, describe, expect, test } from 'vitest';
import { createAuthority, issueCertificate } from '../certificates.ts';
import { type Provider, type ProviderFault, startProvider } from './start-provider.ts';

const AUTHORITY = createAuthority();
const HOST = 'api.provider.test';
const KEY = 'sk-simulated';

const providers: Provider[] = [];
afterEach(async () => {
  await Promise.all(providers.splice(0).map((provider) => provider.close()));
});

async function started(): Promise<Provider> {
  const provider = await startProvider({
    certificate: issueCertificate(AUTHORITY, { hosts: [HOST] }),
    key: KEY,
    models: ['gpt-small'],
    speed: { decodeTokensPerSecond: 10_000 },
  });
  providers.push(provider);
  return provider;
}

interface Call {
  readonly path?: string;
  readonly key?: string | null;
  readonly model?: string;
  readonly stream?: boolean;
  readonly headers?: Record<string, string>;
}

/** Posts a chat over verified TLS; the status, headers and text of the answer, or the code of the failure. */
async function call(provider: Provider, { path = '/v1/chat/completions', ...more }: Call = {}) {
  const [host, port] = provider.address.split(':');
  const authorization = more.key === null ? {} : { authorization: `Bearer ${more.key ?? KEY}` };
  const request = httpsRequest({
    host,
    port,
    path,
    method: 'POST',
    servername: HOST,
    ca: AUTHORITY.certificatePem,
    headers: { host: HOST, ...authorization, ...more.headers },
    agent: false,
  });
  request.on('error', () => undefined);
  const { model = 'gpt-small', stream = false } = more;
  const messages = [{ role: 'user', content: 'reply: from afar' }];
  request.end(JSON.stringify({ model, messages, stream, stream_options: { include_usage: true } }));
  try {
    const [response] = await once(request, 'response');
    let text = '';
    for await (const part of response) text += part;
    return { status: response.statusCode, retryAfter: response.headers['retry-after'], text };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

describe('the simulated provider', () => {
  test('answers a chat in the shape of OpenAI', async () => {
    const answer = await call(await started());
    expect(answer).toMatchObject({ status: 200, text: expect.any(String) });
    expect(JSON.parse(typeof answer === 'object' ? answer.text : '')).toEqual({
      id: expect.stringMatching(/^chatcmpl-/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'gpt-small',
      service_tier: 'default',
      system_fingerprint: 'fp_simulator',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'from afar', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13, prompt_tokens_details: { cached_tokens: 0 } },
    });
  });

  test('streams, with usage and an end', async () => {
    const answer = await call(await started(), { stream: true });
    const events = (typeof answer === 'object' ? answer.text : '').split('\n\n').filter((event) => event !== '');
    const deltas = events.slice(0, -1).map((event) => {
      const { choices, usage } = JSON.parse(event.slice('data: '.length));
      return choices[0]?.delta.content ?? choices[0]?.finish_reason ?? usage.completion_tokens;
    });
    expect({ deltas, end: events.at(-1) }).toEqual({
      deltas: ['', 'from', ' afa', 'r', 'stop', 3],
      end: 'data: [DONE]',
    });
  });

  test('remembers what reached it', async () => {
    const provider = await started();
    await call(provider, { headers: { 'x-headgate-decision': 'leaked' } });
    await call(provider, { key: 'sk-other' });
    const seen = provider.requests.map(({ path, serverName, authorized, model, status, outcome, headers }) => [
      path,
      serverName,
      headers.host,
      authorized,
      model,
      status,
      outcome,
      headers['x-headgate-decision'],
    ]);
    expect(seen).toEqual([
      ['/v1/chat/completions', HOST, HOST, true, 'gpt-small', 200, 'answered', 'leaked'],
      ['/v1/chat/completions', HOST, HOST, false, 'gpt-small', 401, 'answered', undefined],
    ]);
  });

  test.each([
    { what: 'no key', how: { key: null }, status: 401, code: 'invalid_api_key' },
    { what: 'a wrong key', how: { key: 'sk-simulatec' }, status: 401, code: 'invalid_api_key' },
    { what: 'an unknown model', how: { model: 'gpt-large' }, status: 404, code: 'model_not_found' },
    { what: 'an unknown path', how: { path: '/v2/chat/completions' }, status: 404, code: 'model_not_found' },
  ])('refuses $what', async ({ how, status, code }) => {
    const answer = await call(await started(), how);
    expect(answer).toMatchObject({ status });
    expect(JSON.parse(typeof answer === 'object' ? answer.text : '')).toMatchObject({ error: { code } });
  });

  test.each<{ fault: ProviderFault; expected: unknown }>([
    { fault: { kind: 'status', status: 429, retryAfterSeconds: 3 }, expected: { status: 429, retryAfter: '3' } },
    { fault: { kind: 'status', status: 500 }, expected: { status: 500 } },
    { fault: { kind: 'refuse' }, expected: 'ECONNRESET' },
    { fault: { kind: 'reset', afterTokens: 1 }, expected: 'ECONNRESET' },
  ])('fails on command: $fault', async ({ fault, expected }) => {
    const provider = await started();
    provider.fault(fault);
    const failed = await call(provider);
    provider.fault({ kind: 'none' });
    expect([failed, await call(provider)]).toMatchObject([expected, { status: 200 }]);
  });
});
