import fc from 'fast-check';
import { expect, test } from 'vitest';
import { certificateNames, identityPattern, isIdentity } from './certificate-names.ts';

test.each<[string, string[]]>([
  ['', []],
  ['DNS:edge', ['DNS edge']],
  [
    'DNS:edge.example.com, IP Address:127.0.0.1, URI:spiffe://prod/edge/1',
    ['DNS edge.example.com', 'URI spiffe://prod/edge/1'],
  ],
  ['DNS:"a, DNS:edge"', ['DNS a, DNS:edge']],
  ['DNS:"x", DNS:"say \\"edge\\""', ['DNS x', 'DNS say "edge"']],
  ['DNS:edge, DNS:"broken', []],
  ['DNS:edge, nothing', []],
  ['DNS:edge"', []],
  ['DNS:"\\x"', []],
])('the names in %s', (text, names) => {
  expect(certificateNames(text).map(({ kind, value }) => `${kind} ${value}`)).toEqual(names);
});

test.each<[string, string, boolean]>([
  ['edge', 'DNS:edge', true],
  ['edge', 'DNS:Edge', true],
  ['edge', 'DNS:edge2', false],
  ['edge', 'URI:edge', false],
  ['*.edge.example.com', 'DNS:a.edge.example.com', true],
  ['*.edge.example.com', 'DNS:a.b.edge.example.com', false],
  ['*.edge.example.com', 'DNS:edge.example.com', false],
  ['*.edge.example.com', 'DNS:*.edge.example.com', false],
  ['spiffe://prod/edge', 'URI:spiffe://prod/edge', true],
  ['spiffe://prod/edge', 'URI:spiffe://prod/edge/1', false],
  ['spiffe://prod/edge/*', 'URI:spiffe://prod/edge/1', true],
  ['spiffe://prod/edge/*', 'URI:spiffe://prod/edge/', false],
  ['spiffe://prod/edge/*', 'URI:spiffe://prod/edge-2/1', false],
  ['spiffe://prod/edge/*', 'DNS:spiffe://prod/edge/1', false],
])('%s allows %s: %s', (pattern, name, allowed) => {
  const read = identityPattern(pattern);
  expect(certificateNames(name).some((each) => read !== undefined && isIdentity(each, read))).toBe(allowed);
});

test.each([
  '*',
  'edge*',
  '*edge',
  'a.*.b',
  'spiffe://prod/edge*',
  'spiffe://*',
  'spiffe://*/edge',
  '',
  'a b',
  'edge/1',
])('"%s" is no pattern', (text) => {
  expect(identityPattern(text)).toBeUndefined();
});

test('any names are read as they were written', () => {
  const name = fc.record({
    kind: fc.constantFrom('DNS' as const, 'URI' as const),
    value: fc.oneof(fc.string(), fc.constantFrom('a, DNS:edge', '"', '\\", DNS:edge', ', ', ':')),
  });
  const written = (value: string) => (/^[\w.:/-]+$/.test(value) ? value : JSON.stringify(value));
  fc.assert(
    fc.property(fc.array(name, { maxLength: 4 }), (names) => {
      const text = names.map(({ kind, value }) => `${kind}:${written(value)}`).join(', ');
      expect(certificateNames(text)).toEqual(names);
    }),
  );
});
