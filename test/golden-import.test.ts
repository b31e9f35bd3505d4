import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatYaml } from '../src/core/format/format-yaml.ts';
import { importAgentgateway } from '../src/core/importers/import-agentgateway.ts';
import { importEnvoyAiGateway } from '../src/core/importers/import-envoy-ai-gateway.ts';
import { importLitellm } from '../src/core/importers/import-litellm.ts';
import type { Imported, ImportResult } from '../src/core/importers/import-result.ts';
import { importReport } from '../src/core/importers/report.ts';
import { compileTree } from '../src/core/language/compile-tree.ts';
import { scanCredentials } from './support/golden-trees.ts';

const FOLDER = join(import.meta.dirname, 'golden/import');
const IMPORTERS: Readonly<Record<string, (text: string) => ImportResult>> = {
  litellm: importLitellm,
  'envoy-ai-gateway': importEnvoyAiGateway,
  agentgateway: importAgentgateway,
};

const cases = Object.entries(IMPORTERS).flatMap(([gateway, read]) =>
  readdirSync(join(FOLDER, gateway)).map((name) => {
    const folder = join(FOLDER, gateway, name);
    const source = readdirSync(folder).find((file) => file.endsWith('.yaml')) ?? 'no source';
    return { name: `${gateway}/${name}`, folder, source, text: readFileSync(join(folder, source), 'utf8'), read };
  }),
);

function imported(result: ImportResult): Imported {
  if (!result.ok) throw new Error(`line ${result.error.line}: ${result.error.message}`);
  return result.value;
}

describe('what is made of', () => {
  test.each(cases)('$name', ({ folder, source, text, read }) => {
    const result = imported(read(text));
    const texts = {
      ...Object.fromEntries(result.files.map((file) => [file.path, file.text])),
      'report.txt': importReport(result, source),
    };
    const expected = join(folder, 'expected');
    if (process.env.UPDATE_GOLDEN === '1') {
      rmSync(expected, { recursive: true, force: true });
      mkdirSync(expected);
      for (const [path, content] of Object.entries(texts)) writeFileSync(join(expected, path), content);
    }
    const paths = existsSync(expected) ? readdirSync(expected) : [];
    expect(texts).toEqual(Object.fromEntries(paths.map((path) => [path, readFileSync(join(expected, path), 'utf8')])));
  });

  test.each(cases)('$name compiles, and is in the form of headgate fmt', ({ text, read }) => {
    const { files } = imported(read(text));
    const { diagnostics } = compileTree(files, undefined, scanCredentials);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(files.map(({ path, text: written }) => formatYaml({ path, text: written }))).toEqual(
      files.map(({ text: written }) => ({ kind: 'formatted', text: written })),
    );
  });

  test.each(cases)('$name holds no key, and neither does the report', ({ source, text, read }) => {
    const result = imported(read(text));
    const all = [...result.files.map((file) => file.text), importReport(result, source)].join('');
    expect(all).not.toMatch(/a-key-in-clear|written-down-here|never-carried-over/);
  });
});

test('text that is no YAML is told with its line', () => {
  expect(importLitellm('model_list:\n  - a: [ 1\n')).toMatchObject({ ok: false, error: { line: expect.any(Number) } });
});

/** Lines of the samples, cut and put together anew: such a file means nothing, and must still be read to its end. */
const anyText = fc.oneof(
  fc.string(),
  fc
    .array(fc.constantFrom(...cases.flatMap(({ text }) => text.split('\n'))), { maxLength: 40 })
    .map((lines) => lines.join('\n')),
  fc
    .tuple(fc.constantFrom(...cases.map(({ text }) => text.split('\n'))), fc.nat(), fc.nat())
    .map(([lines, at, count]) => lines.toSpliced(at % lines.length, 1 + (count % 3)).join('\n')),
);

test('whatever the file holds, the answer is a result', () => {
  fc.assert(
    fc.property(anyText, fc.constantFrom(...Object.values(IMPORTERS)), (text, read) => {
      const result = read(text);
      expect(typeof result.ok).toBe('boolean');
    }),
    { numRuns: 300 },
  );
});

test('every line of a file that says nothing we know is told', () => {
  const { remarks } = imported(importLitellm('a: 1\nb:\n  c: 2\nmodel_list: []\n'));
  expect(remarks.map(({ line, path }) => `${line} ${path}`)).toEqual(['1 a', '2 b']);
});
