import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findFiles } from '../src/app/format/find-files.ts';
import { formatFiles } from '../src/app/format/format-files.ts';
import { compileRevision, compileUntested } from '../src/app/revision/compile-revision.ts';
import { diagnosticsText } from '../src/app/revision/diagnostics-text.ts';
import { createPolicyCompiler } from '../src/app/revision/policy-compiler.ts';
import { runTreeTests } from '../src/app/test/run-tree-tests.ts';
import { present } from '../src/core/base/assert.ts';
import { readWorkingTree } from '../src/io/git/working-tree.ts';
import { shownCommands } from './docs/fenced-blocks.ts';
import { describeWithTool } from './support/require-tool.ts';

const FOLDER = join(import.meta.dirname, '../examples');
const EXAMPLES = readdirSync(FOLDER).sort();

/** The trees that show mistakes: the folders with an `expected.txt`. */
const MISTAKEN = EXAMPLES.flatMap((name) =>
  readdirSync(join(FOLDER, name))
    .filter((folder) => existsSync(join(FOLDER, name, folder, 'expected.txt')))
    .map((folder) => `${name}/${folder}`),
);

/** Examples that are whole trees of their own; the quickstart is shown by the demo. */
const OWN = EXAMPLES.filter((name) => name !== 'quickstart');

describeWithTool('opa', 'headgate validate', (opa) => {
  const compilePolicies = createPolicyCompiler(opa);

  async function validate(folder: string): Promise<string> {
    const tree = await readWorkingTree(folder);
    const { bundle, diagnostics } = await compileRevision({ commit: 'worktree', ...tree }, compilePolicies, undefined);
    return bundle === undefined || diagnostics.length > 0 ? diagnosticsText(diagnostics, tree.files) : 'valid';
  }

  test.each(EXAMPLES)('%s is valid, and its test cases hold', async (name) => {
    expect(await validate(join(FOLDER, name))).toBe('valid');
  });

  test.each(MISTAKEN)('%s gets the diagnostics that it shows', async (name) => {
    const expectedPath = join(FOLDER, name, 'expected.txt');
    const text = await validate(join(FOLDER, name));
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(expectedPath, text);
    expect(text).toBe(existsSync(expectedPath) ? readFileSync(expectedPath, 'utf8') : 'no expected.txt');
    expect(text).toMatch(/^\d+ errors?\b/m);
  });

  test.each(EXAMPLES)('the unit tests of the policies of %s pass', async (name) => {
    const tree = await readWorkingTree(join(FOLDER, name));
    const revision = { commit: 'worktree', ...tree };
    const { bundle, policyTests } = await compileUntested(revision, compilePolicies, undefined);
    const { results, diagnostics } = await runTreeTests(present(bundle, 'a bundle'), policyTests, opa, () => true);
    expect({ diagnostics, failed: results.filter(({ outcome }) => outcome !== 'passed') }).toEqual({
      diagnostics: [],
      failed: [],
    });
  });

  test.each(EXAMPLES)('%s is in the form of headgate fmt', async (name) => {
    const { files, diagnostics, kept } = await formatFiles(await findFiles([join(FOLDER, name)]));
    const changed = files.filter(({ before, after }) => before !== after).map(({ file }) => file.path);
    expect({ changed, diagnostics, kept }).toEqual({ changed: [], diagnostics: [], kept: [] });
  });
});

describe('the README of', () => {
  test.each(EXAMPLES)('%s has the four headings', (name) => {
    const text = readFileSync(join(FOLDER, name, 'README.md'), 'utf8');
    const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['What it shows', 'Files', 'Run it', 'Look for']);
  });

  test.each(OWN)('%s says how to validate its trees', (name) => {
    const mistaken = MISTAKEN.filter((tree) => tree.startsWith(`${name}/`)).toReversed();
    const trees = [name, ...mistaken].map((tree) => `./bin/headgate validate examples/${tree}`);
    expect(shownCommands(`examples/${name}/README.md`)).toEqual(trees);
  });

  test.each(OWN)('%s names every folder of the example', (name) => {
    const text = readFileSync(join(FOLDER, name, 'README.md'), 'utf8');
    const folders = readdirSync(join(FOLDER, name), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((entry) => entry.name).filter((folder) => !text.includes(`\`${folder}/`))).toEqual([]);
  });
});
