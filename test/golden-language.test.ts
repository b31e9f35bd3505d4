import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderText } from '../src/core/diagnostics/render-text.ts';
import { compileTree } from '../src/core/language/compile-tree.ts';
import { GOLDEN_NOW_MS, type GoldenTree, goldenTrees, readTree, scanCredentials } from './support/golden-trees.ts';

const EXAMPLES = join(import.meta.dirname, '../examples');
const broken = readTree('quickstart/broken', join(EXAMPLES, 'quickstart/broken'));

describe('diagnostics of', () => {
  test.each([...goldenTrees(), broken])('$name', (tree) => {
    const text = diagnosticsText(tree);
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(tree.expectedPath, text);
    expect(text).toBe(existsSync(tree.expectedPath) ? readFileSync(tree.expectedPath, 'utf8') : 'no expected.txt');
  });
});

test('the quickstart is a tree without any diagnostic', () => {
  const { files } = readTree('quickstart', join(EXAMPLES, 'quickstart'));
  const context = { secrets: { 'cloud-key': { hosts: ['localhost'] } }, authorities: ['demo-authority'] };
  expect(compileTree(files, context, scanCredentials, [], { nowMs: GOLDEN_NOW_MS }).diagnostics).toEqual([]);
});

/** A tree without diagnostics says so, so that no case can pass by being empty. */
function diagnosticsText(tree: GoldenTree): string {
  const texts = new Map(tree.files.map((file) => [file.path, new TextDecoder().decode(file.bytes)]));
  const { diagnostics } = compileTree(tree.files, tree.context, scanCredentials, [], { nowMs: GOLDEN_NOW_MS });
  return renderText(diagnostics, { sourceText: (file) => texts.get(file) }) || 'no diagnostics\n';
}
