import { expect, test } from 'vitest';
import { scanCredentials } from './credential-scan.ts';

/** Put together here, so that no credential stands in this file. */
const letters = 'a8Zk3mQ0x7Lp2Wv9sT4hJ6yB1nR5cD8eF0gU3iO7';

test.each<[string, string]>([
  ['linear-api-key', `lin_${'api_'}${letters.toLowerCase()}`],
  ['digitalocean-token', `dop_${'v1_'}${'0123456789abcdef'.repeat(4)}`],
  ['shopify-access-token', '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'],
])('%s is found, once', (rule, credential) => {
  const text = `# notes\nkey: ${credential}\n`;
  const found = new Set(scanCredentials()(text).map((match) => text.slice(match.start, match.end)));
  expect([...found]).toEqual([credential]);
  expect(scanCredentials()(text)[0]?.rule).toBe(rule);
});

test.each([
  `hash: "sha256:${'6c1e'.repeat(16)}"`,
  'secret: openai-key',
  'endpoint: https://llm.corp.example/v1',
  'use {{sample aws-access-key}} please',
  'content: the quick brown fox asks for an API key',
])('no credential: %s', (text) => {
  expect(scanCredentials()(text)).toEqual([]);
});
