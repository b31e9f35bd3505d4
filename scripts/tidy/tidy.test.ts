import { expect, test } from 'vitest';
import { corePurityFindings, isCoreSource } from './core-purity.ts';
import { dependencyFindings } from './recorded-dependencies.ts';
import { TEXT_RULES } from './text-rules.ts';

/** `name line: message` of every text rule that refuses the file. */
function refused(path: string, text: string): string[] {
  return Object.entries(TEXT_RULES).flatMap(([name, rule]) =>
    rule.applies(path) ? rule.findings({ path, text }).map(({ line }) => `${name} ${line ?? 'file'}`) : [],
  );
}

/** A sample in pieces, so that this file passes the rules that it tests. */
const sample = (...pieces: string[]) => pieces.join('');

test.each([
  ['leftover-words 2', 'src/app/x.ts', sample('fine\n// TO', 'DO: later\n')],
  ['leftover-words 1', 'docs/x.md', sample('FIX', 'ME\n')],
  ['leftover-words 1', 'scripts/x', sample('# XX', 'X\n')],
  ['type-escapes 1', 'src/app/x.ts', sample('const x = y as', ' any;\n')],
  ['type-escapes 1', 'src/app/x.ts', sample('// @ts-', 'ignore\n')],
  ['test-escapes 1', 'src/app/x.test.ts', sample('test.', "only('x', () => {});\n")],
  ['test-escapes 1', 'src/app/x.test.ts', sample('describe.', "skip('x', () => {});\n")],
  ['lint-escapes 1', 'src/app/x.ts', sample('// biome-', 'ignore lint/style/useConst: why\n')],
  ['machine-paths 1', 'src/app/x.ts', sample("open('/t", "mp/x');\n")],
  ['machine-paths 1', 'docs/x.md', sample('see /wo', 'rk/main\n')],
  ['machine-paths 1', 'scripts/x', sample('cd /ro', 'ot\n')],
  ['registry-hosts 1', 'package-lock.json', sample('"resolved": "https://registry.npm', 'js.org/zod"\n')],
  ['white-space 1', 'src/app/x.ts', 'const x = 1; \n'],
  ['white-space 1', 'docs/x.md', 'windows\r\n'],
  ['white-space file', 'src/app/x.ts', 'const x = 1;'],
  ['file-names file', 'src/app/utils.ts', ''],
  ['file-names file', 'src/helpers/x.ts', ''],
  ['file-names file', 'src/app/someThing.ts', ''],
  ['file-names file', 'test/support/Some.ts', ''],
  ['document-length file', 'README.md', 'line\n'.repeat(151)],
  ['document-length file', 'scripts/setup', 'line\n'.repeat(251)],
])('%s is found in %s', (finding, path, text) => {
  expect(refused(path, text)).toEqual([finding]);
});

test.each([
  ['src/core/base/text-order.test.ts', 'const x = 1;\n'],
  ['src/gen/envoy_pb.js', sample('// TO', 'DO of its own\n')],
  ['test/support/require-tool.ts', sample('describe.', "skip('x');\n")],
  ['src/app/x.ts', sample('// biome-', 'ignore lint/style/useConst: the loop of the parser below assigns it\n')],
  ['src/app/x.ts', sample("const route = '/v1/wo", "rk/x', folder = `${home}/t", 'mp/x`;\n')],
  ['.ci/run', 'true\n'],
  ['src/app/x.d.ts', '\n'],
  ['README.md', 'line\n'.repeat(150)],
])('nothing is found in %s', (path, text) => {
  expect(refused(path, text)).toEqual([]);
});

test.each([
  ['async function f() {}', 'the core never waits: no async function'],
  ['const f = async () => 1;', 'the core never waits: no async function'],
  ['await 1;', 'the core never waits: no await'],
  ['interface Port { call(): Promise<number> }', 'the core never waits: no Promise'],
  ['const x = Math.random();', 'the core has no chance of its own: take an rng as an argument'],
  ["type T = import('./x.ts').T;", 'the core imports at the top of a file'],
])('the core may not say: %s', (code, message) => {
  expect(corePurityFindings({ path: 'src/core/ir/x.ts', text: `const first = 1;\n${code}\n` })).toEqual([
    { file: 'src/core/ir/x.ts', line: 2, message },
  ]);
});

test('the core may speak of waiting in comments and texts', () => {
  const text = `// async, await, Promise\nconst text = 'await the Promise of Math.random()';\n`;
  expect(corePurityFindings({ path: 'src/core/ir/x.ts', text })).toEqual([]);
  expect(['src/core/ir/x.ts', 'src/core/ir/x.test.ts', 'src/io/git/x.ts'].filter(isCoreSource)).toEqual([
    'src/core/ir/x.ts',
  ]);
});

test('a dependency without a page, or without an exact version', () => {
  const manifest = { dependencies: { zod: '4.0.0', yaml: '^2.0.0' }, devDependencies: { knip: '6.0.0' } };
  const page = { path: 'docs/adr/0003-language.md', text: 'Uses `zod` and `yaml`; knip is only mentioned.' };
  expect(dependencyFindings(manifest, [page])).toEqual([
    { file: 'package.json', message: 'yaml: ^2.0.0 is no exact version' },
    { file: 'package.json', message: 'knip: no page of docs/adr says why it is here' },
  ]);
});
