import { expect, test } from 'vitest';
import { credentialScan } from './credential-rules.ts';

const scan = credentialScan({
  allowlist: { regexes: ['^allowed'], stopwords: ['example'] },
  rules: [
    { id: 'grouped', regex: '(?i)acme[a-z_]*\\s*[:=]\\s*"?([a-z0-9]{8})\\b', keywords: ['acme'], allowlists: [] },
    { id: 'strong', regex: '\\bstr_[a-z0-9]{8}\\b', keywords: ['str_'], entropy: 3, allowlists: [] },
    {
      id: 'excused',
      regex: '\\bexc_[a-z0-9]{4}\\b',
      keywords: ['exc_'],
      allowlists: [
        { regexTarget: 'line', regexes: ['harmless'] },
        { condition: 'AND', regexes: ['.'], paths: ['\\.md$'] },
      ],
    },
    { id: 'elsewhere', regex: 'tf_[a-z]{4}', keywords: ['tf_'], path: '\\.tf$', allowlists: [] },
    { id: 'generic-api-key', regex: 'key: [a-z]{4}', keywords: ['key'], allowlists: [] },
  ],
});

test.each<[string, string, readonly string[]]>([
  ['the secret is the first group, and words count in any case', 'ACME_key: abcd1234', ['grouped abcd1234']],
  ['two of a kind', 'acme: abcd1234\nacme: efgh5678', ['grouped abcd1234', 'grouped efgh5678']],
  ['a form without its word is none', 'acne: abcd1234', []],
  ['a text of few different characters is weak', 'str_aaaaaaaa str_a1b2c3d4', ['strong str_a1b2c3d4']],
  ['what the lists allow is none', 'acme: allowed1 acme: exampleA', []],
  ['a line may excuse', 'exc_abcd # harmless\nexc_efgh', ['excused exc_efgh']],
  ['rules about other files, and rules that take anything, are left out', 'tf_abcd key: abcd', []],
])('%s', (_what, text, expected) => {
  const found = scan(text).map(({ rule, start, end }) => `${rule} ${text.slice(start, end)}`);
  expect([...new Set(found)]).toEqual(expected);
});

test('a file that is made of keywords ends', () => {
  expect(scan('acme '.repeat(200_000))).toEqual([]);
});
