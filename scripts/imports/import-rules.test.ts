import { expect, test } from 'vitest';
import { cycleFindings } from './cycles.ts';
import { importFindings } from './import-rules.ts';
import { readImports } from './read-imports.ts';

const packages = { dependencies: { zod: '4.0.0', fastify: '5.0.0' } };

function findings(path: string, text: string): string[] {
  return importFindings(readImports({ path, text }), packages).map(({ line, message }) => `${line}: ${message}`);
}

test('every form of an import is read, strings that look like one are not', () => {
  const text = `import type { A } from './a.ts';
export { b } from './b.ts';
export * from '../c.ts';
const d = await import('zod/mini');
const text = \`
import { e } from './e.ts';
\`;
import 'node:fs';
`;
  expect(readImports({ path: 'src/core/ir/x.ts', text })).toEqual([
    { from: 'src/core/ir/x.ts', line: 1, to: { kind: 'file', path: 'src/core/ir/a.ts' } },
    { from: 'src/core/ir/x.ts', line: 8, to: { kind: 'builtin', name: 'node:fs' } },
    { from: 'src/core/ir/x.ts', line: 2, to: { kind: 'file', path: 'src/core/ir/b.ts' } },
    { from: 'src/core/ir/x.ts', line: 3, to: { kind: 'file', path: 'src/core/c.ts' } },
    { from: 'src/core/ir/x.ts', line: 4, to: { kind: 'package', name: 'zod' } },
  ]);
});

test.each([
  ['src/core/ir/x.ts', '../base/assert.ts'],
  ['src/core/decide/x.ts', '../ir/model.ts'],
  ['src/core/exchange/x.ts', '../../gen/envoy_pb.js'],
  ['src/core/language/x.ts', 'zod'],
  ['src/core/language/x.test.ts', 'node:fs'],
  ['src/core/language/x.test.ts', 'vitest'],
  ['src/io/git/x.ts', '../telemetry/log.ts'],
  ['src/io/grpc/x.ts', '../net/listen-address.ts'],
  ['src/io/git/x.ts', '../../core/base/assert.ts'],
  ['src/io/git/x.ts', 'node:fs'],
  ['src/sim/engine/x.ts', '../openai/y.ts'],
  ['src/sim/engine/x.ts', '../../core/api/y.ts'],
  ['src/app/x.ts', '../io/git/y.ts'],
  ['test/e2e/x.ts', '../../src/app/y.ts'],
])('%s may import %s', (path, specifier) => {
  expect(findings(path, `import '${specifier}';`)).toEqual([]);
});

test.each([
  [
    'src/core/ir/x.ts',
    '../language/kind.ts',
    'core/ir may import of the core only base, diagnostics, ir: not language',
  ],
  ['src/core/xds/x.ts', '../ir/model.ts', 'core/xds may import of the core only base, xds: not ir'],
  ['src/core/news/x.ts', '../base/y.ts', 'core/news has no line in the import rules'],
  ['src/core/ir/x.ts', '../../io/git/y.ts', 'the core knows no src/io'],
  ['src/core/ir/x.ts', 'node:fs', 'the core has no I/O: node:fs is a Node built-in'],
  ['src/core/ir/x.ts', 'fs', 'the core has no I/O: fs is a Node built-in'],
  [
    'src/core/ir/x.ts',
    'fastify',
    'libraries of the core are zod, yaml, @bufbuild/protobuf, @noble/hashes, re2js: fastify is none of them',
  ],
  ['src/io/git/x.ts', '../opa/y.ts', 'folders of src/io do not import each other: io/git imports io/opa'],
  ['src/io/net/x.ts', '../grpc/y.ts', 'folders of src/io do not import each other: io/net imports io/grpc'],
  ['src/io/git/x.ts', '../../app/y.ts', 'only src/app knows both sides: src/io does not import src/app'],
  ['src/io/git/x.ts', 'vitest', 'what ships imports only dependencies of package.json: vitest is none'],
  ['src/io/git/x.ts', '../../../test/support/y.ts', 'what ships imports nothing from test/: test/support/y.ts'],
  ['src/app/x.ts', './y.test.ts', 'a test file is imported by nobody'],
  [
    'src/sim/engine/x.ts',
    '../../core/ir/y.ts',
    'the simulator imports only itself and core/base, core/api: src/core/ir/y.ts',
  ],
  ['src/extra/x.ts', './y.ts', 'src/extra has no line in the import rules'],
])('%s may not import %s', (path, specifier, message) => {
  expect(findings(path, `import '${specifier}';`)).toEqual([`1: ${message}`]);
});

test('files that import each other in a circle are shown with the circle', () => {
  const files = [
    { path: 'src/a.ts', text: `import './b.ts';` },
    { path: 'src/b.ts', text: `import './d.ts';\nimport type { C } from './c.ts';` },
    { path: 'src/c.ts', text: `import './a.ts';` },
    { path: 'src/d.ts', text: '' },
  ];
  expect(cycleFindings(files.flatMap(readImports))).toEqual([
    { file: 'src/c.ts', line: 1, message: 'imports in a circle: src/a.ts -> src/b.ts -> src/c.ts -> src/a.ts' },
  ]);
  expect(cycleFindings(files.slice(1).flatMap(readImports))).toEqual([]);
});
