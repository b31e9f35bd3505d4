import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readTree, scanCredentials } from '../../../test/support/golden-trees.ts';
import { compileTree } from '../language/compile-tree.ts';
import { buildTables } from '../tables/build-tables.ts';
import { revisionDigest } from '../tables/revision-digest.ts';
import { formatYaml } from './format-yaml.ts';

function formatted(text: string): string {
  const result = formatYaml({ path: 'a.yaml', text });
  return result.kind === 'formatted' ? result.text : result.kind;
}

function lines(...texts: string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}

describe('what is written is put into one form', () => {
  test.each([
    [
      'the keys of a kind in the order of its schema, with their comments',
      lines(
        '# yaml-language-server: $schema=x',
        'kind: Team',
        'spec: {models: ["*"]}',
        '# who',
        'metadata: { labels: {b: x, a: y}, name: red }',
        'apiVersion: headgate.dev/v1',
      ),
      lines(
        '# yaml-language-server: $schema=x',
        'apiVersion: headgate.dev/v1',
        'kind: Team',
        '# who',
        'metadata: { name: red, labels: { b: x, a: y } }',
        'spec: { models: [ "*" ] }',
      ),
    ],
    [
      'lists below their key, two spaces deep',
      lines('a:', '- b', '-   c: 1', '    d: 2', '- - e', '-'),
      lines('a:', '  - b', '  - c: 1', '    d: 2', '  - - e', '  -'),
    ],
    [
      'comments behind neighbouring lines in one column, others two spaces behind',
      lines('a: 1 # one', 'long: 2      # two', 'c: 3', 'd: # four', '  - 5'),
      lines('a: 1     # one', 'long: 2  # two', 'c: 3', 'd:  # four', '  - 5'),
    ],
    [
      'blank lines one at a time, and none at the edges',
      lines('', '', '# head', '', '', 'a: 1', '', '', 'b:', '', '  c: 2', '', ''),
      lines('# head', '', 'a: 1', '', 'b:', '  c: 2'),
    ],
    [
      'brackets with a comment inside become a block',
      lines('a: [ 1, # one', '  2 ]', 'b: {', '  c: 1 }'),
      lines('a:', '  - 1  # one', '  - 2', 'b: { c: 1 }'),
    ],
    [
      'brackets that are too long for a line become a block',
      lines(`a: { b: ${'x'.repeat(70)}, c: ${'y'.repeat(70)} }`),
      lines('a:', `  b: ${'x'.repeat(70)}`, `  c: ${'y'.repeat(70)}`),
    ],
    [
      'scalars stay as they were written',
      lines("a:   '1.10'", 'b: 0x1F', 'c: "no"', 'd: ~', 'e:', 'f: [~, ]'),
      lines("a: '1.10'", 'b: 0x1F', 'c: "no"', 'd: ~', 'e:', 'f: [ ~ ]'),
    ],
    [
      'blocks of text move with their key',
      lines('a:', '    b: |  # note', '        one', '          two', '', '    c: >-', '        three'),
      lines('a:', '  b: |  # note', '    one', '      two', '', '  c: >-', '    three'),
    ],
    ['a text over two lines becomes one', lines('a: one', '  two', 'b: "x', '  y"'), lines('a: "one two"', 'b: "x y"')],
    [
      'documents are parted by three dashes, and closed by nothing',
      lines('---', 'a: 1', '...', '---', '# two', 'b: 2', '---', '# nothing'),
      lines('a: 1', '---', '# two', 'b: 2', '---', '# nothing'),
    ],
    ['Windows line ends go', 'a: 1\r\nb: 2\r\n', lines('a: 1', 'b: 2')],
    [
      'what closes the file stays at its edge',
      lines('a:', '  b: 1', '  # in', '# out'),
      lines('a:', '  b: 1', '  # in', '# out'),
    ],
    ['nothing but comments', lines('# a', '', '# b'), lines('# a', '', '# b')],
    ['nothing', '\n\n', ''],
  ])('%s', (_what, text, expected) => {
    expect(formatted(text)).toBe(expected);
  });
});

test.each([
  ['broken', 'a: [ 1'],
  ['a key written twice', 'a: 1\na: 2\n'],
  ['a tag', 'a: !x 1\n'],
])('a file that cannot be read is left alone: %s', (_what, text) => {
  expect(formatted(text)).toBe('unreadable');
});

const quickstart = readTree('quickstart', join(import.meta.dirname, '../../../examples/quickstart'));

test('the revision of a tree is the same before and after', () => {
  const digestOf = (format: (path: string, text: string) => string) => {
    const files = quickstart.files.map(({ path }) => {
      const text = readFileSync(join(import.meta.dirname, '../../../examples/quickstart', path), 'utf8');
      return { path, text: path.endsWith('.yaml') ? format(path, text) : text };
    });
    const { ir, diagnostics } = compileTree(files, undefined, scanCredentials);
    return ir === undefined ? diagnostics : revisionDigest(ir, buildTables(ir), new Uint8Array(0));
  };
  const shuffled = (text: string) => text.replace(/^(apiVersion: .*)\n(kind: .*)\n/gm, '$2\n$1\n');
  expect(digestOf((_path, text) => formatted(shuffled(text)))).toEqual(digestOf((_path, text) => text));
  expect(digestOf((_path, text) => text)).toMatch(/^sha256:/);
});

/** Texts that need quotes, texts over lines, and what only looks like another type. */
const scalarTexts = fc.oneof(
  fc.constantFrom(
    'a',
    'no',
    '1.10',
    '~',
    '',
    'x: y',
    '- z',
    '#hash',
    'two words',
    ' lead',
    'one\ntwo\n',
    'a\n\n b\n',
    '{',
    "it's",
  ),
  fc.string({ maxLength: 12 }),
);
const { mapping } = fc.letrec<{ value: unknown; mapping: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(scalarTexts, fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('mapping'),
  ),
  mapping: fc.dictionary(fc.constantFrom('kind', 'spec', 'name', 'a', 'metadata', 'x y', '5xx'), tie('value'), {
    maxKeys: 4,
  }),
}));
const style = fc.record({
  indent: fc.integer({ min: 1, max: 6 }),
  indentSeq: fc.boolean(),
  flowCollectionPadding: fc.boolean(),
  collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
  lineWidth: fc.constantFrom(0, 20, 80),
});
/** Comments and blank lines put into the text wherever the seed says; inside a block of text they are text. */
const noise = fc.array(fc.record({ at: fc.nat(), kind: fc.constantFrom('own', 'blank', 'behind') }), { maxLength: 5 });

const yamlText = fc
  .tuple(fc.array(mapping, { minLength: 1, maxLength: 3 }), style, noise)
  .map(([values, options, marks]) => {
    const written = values
      .map((item) => stringify(item, options))
      .join('---\n')
      .split('\n');
    for (const [index, { at, kind }] of marks.entries()) {
      const place = at % written.length;
      const line = written[place] ?? '';
      const indent = ' '.repeat(line.length - line.trimStart().length);
      if (kind === 'behind') written[place] = `${line} # behind ${index}`;
      else written.splice(place, 0, kind === 'own' ? `${indent}# own ${index}` : '');
    }
    return written.join('\n');
  });

test('what was formatted stays as it is, and no file that can be read is given up', () => {
  fc.assert(
    fc.property(yamlText, (written) => {
      const once = formatYaml({ path: 'a.yaml', text: written });
      fc.pre(once.kind !== 'unreadable');
      const twice = once.kind === 'formatted' ? formatYaml({ path: 'a.yaml', text: once.text }) : undefined;
      expect({ written, ...twice }).toEqual({ written, ...once });
    }),
    { numRuns: 200 },
  );
});

/** Lines of real documents, cut and put together anew. */
const scraps = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...quickstart.files.flatMap(({ bytes }) => new TextDecoder().decode(bytes).split('\n')),
        '? a',
        ': b',
        '  - |2',
        '>-',
        '&x',
        '*x',
        '<<: *x',
        '%YAML 1.1',
        '...',
        '[',
        '}',
        '\t',
      ),
      fc.string({ maxLength: 20 }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join('\n'));

test('whatever the file holds, the answer is a result, and the same for what comes out', () => {
  fc.assert(
    fc.property(scraps, (written) => {
      const once = formatYaml({ path: 'a.yaml', text: written });
      const twice = once.kind === 'formatted' ? formatYaml({ path: 'a.yaml', text: once.text }) : once;
      expect({ written, ...twice }).toEqual({ written, ...once });
    }),
    { numRuns: 300 },
  );
});
