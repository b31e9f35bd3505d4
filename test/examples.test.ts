import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findFiles } from '../src/app/format/find-files.ts';
import { formatFiles } from '../src/app/format/format-files.ts';
import { compileRevision } from '../src/app/revision/compile-revision.ts';
import { diagnosticsText } from '../src/app/revision/diagnostics-text.ts';
import { createPolicyCompiler } from '../src/app/revision/policy-compiler.ts';
import { readWorkingTree } from '../src/io/git/working-tree.ts';
import { shownCommands } from './docs/fenced-blocks.ts';
import { describeWithTool } from './support/require-tool.ts';

const FOLDER = join(import.meta.dirname, '../examples');
const EXAMPLES = readdirSync(FOLDER).sort();

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

  test.each(EXAMPLES)('%s/broken gets the diagnostics that it shows', async (name) => {
    const expectedPath = join(FOLDER, name, 'broken/expected.txt');
    const text = await validate(join(FOLDER, name, 'broken'));
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(expectedPath, text);
    expect(text).toBe(existsSync(expectedPath) ? readFileSync(expectedPath, 'utf8') : 'no expected.txt');
    expect(text).toMatch(/^\d+ errors/m);
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

  test.each(OWN)('%s says how to validate both trees', (name) => {
    expect(shownCommands(`examples/${name}/README.md`)).toEqual([
      `./bin/headgate validate examples/${name}`,
      `./bin/headgate validate examples/${name}/broken`,
    ]);
  });

  test.each(OWN)('%s names every folder of the example', (name) => {
    const text = readFileSync(join(FOLDER, name, 'README.md'), 'utf8');
    const folders = readdirSync(join(FOLDER, name), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((entry) => entry.name).filter((folder) => !text.includes(`\`${folder}/`))).toEqual([]);
  });
});
