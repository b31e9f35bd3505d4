import { expect, test } from 'vitest';
import { parseEndpoint } from './endpoint-url.ts';

test.each([
  ['https://api.openai.com/v1', { scheme: 'https', host: 'api.openai.com', port: 443, basePath: '/v1' }],
  ['https://api.groq.com/openai/v1/', { scheme: 'https', host: 'api.groq.com', port: 443, basePath: '/openai/v1' }],
  ['http://LLM.example:8080', { scheme: 'http', host: 'llm.example', port: 8080, basePath: '' }],
  ['https://[fd00::1]:9443/', { scheme: 'https', host: 'fd00::1', port: 9443, basePath: '' }],
])('%s', (text, endpoint) => {
  expect(parseEndpoint(text)).toEqual(endpoint);
});

test.each([
  ['llm.example/v1', 'it is not a URL'],
  ['https://a:99999/', 'it is not a URL'],
  ['ftp://llm.example', 'its scheme is not https'],
  ['https://user@llm.example', 'it holds a user or a password'],
  ['https://llm.example/?', 'it holds a query or a fragment'],
  ['https://llm.example/#x', 'it holds a query or a fragment'],
  ['https://llm.example:0/', 'its port is 0'],
])('%s cannot be used: %s', (text, problem) => {
  expect(parseEndpoint(text)).toEqual({ problem });
});
