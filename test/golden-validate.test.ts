import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileRevision, type RevisionFiles } from '../src/app/revision/compile-revision.ts';
import { diagnosticsText } from '../src/app/revision/diagnostics-text.ts';
import { createPolicyCompiler } from '../src/app/revision/policy-compiler.ts';
import { CODES } from '../src/core/diagnostics/codes.ts';
import { readWorkingTree } from '../src/io/git/working-tree.ts';
import { describeWithTool } from './support/require-tool.ts';

const FOLDER = join(import.meta.dirname, 'golden/validate');
const cases = readdirSync(FOLDER).sort();

/** What Envoy refuses, fleets lost under their proxies, and what stops a rollout: raised in src/app/control and src/core/rollout. */
const RAISED_BY_PROXIES = ['HG6001', 'HG6002', 'HG6003', 'HG6004', 'HG6005', 'HG6006', 'HG6007'];
/** One more Rego file than a revision may have: too many to keep. */
const MODULES = 2_001;

describeWithTool('opa', 'diagnostics of what headgate validate reads', (opa) => {
  const compilePolicies = createPolicyCompiler(opa);
  const found = new Set<string>();

  async function validate(revision: Omit<RevisionFiles, 'commit'>): Promise<string> {
    const { diagnostics } = await compileRevision({ commit: 'worktree', ...revision }, compilePolicies, undefined);
    for (const { code } of diagnostics) found.add(code);
    return diagnosticsText(diagnostics, revision.files) || 'no diagnostics\n';
  }

  test.each(cases)('%s', async (name) => {
    const expectedPath = join(FOLDER, name, 'expected.txt');
    const text = await validate(await readWorkingTree(join(FOLDER, name, 'tree')));
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(expectedPath, text);
    expect(text).toBe(existsSync(expectedPath) ? readFileSync(expectedPath, 'utf8') : 'no expected.txt');
    expect(text).toContain(`[${name.slice(0, 'HG0000'.length)}]`);
  });

  test('HG4010: more Rego files than are compiled', async () => {
    const bytes = new TextEncoder().encode('package a\n');
    const files = Array.from({ length: MODULES }, (_, index) => ({ path: `${index}.rego`, blobId: '', bytes }));
    expect(await validate({ files, findings: [] })).toBe(
      'error[HG4010]: there are 2001 Rego files, 2000 at most\n --> 0.rego:1:1\n  |\n1 | package a\n  | ^\n\n1 error\n',
    );
  });

  test('every code that comes after the language is raised above', () => {
    const expected = Object.keys(CODES).filter((code) => code > 'HG4000' && !RAISED_BY_PROXIES.includes(code));
    expect(expected.filter((code) => !found.has(code))).toEqual([]);
  });
});
