import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileRevision } from '../../src/app/revision/compile-revision.ts';
import { createPolicyCompiler } from '../../src/app/revision/policy-compiler.ts';
import { describeWithTool } from '../support/require-tool.ts';

const PAGES = join(import.meta.dirname, '../../docs/codes');
/** HG4010 is about size: its page shows no policy. */
const REGO_CODES = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '11'].map((last) => `HG40${last.padStart(2, '0')}`);

describeWithTool('opa', 'the examples of the pages about Rego', (opa) => {
  const compilePolicies = createPolicyCompiler(opa);

  async function codesOf(rego: string): Promise<string[]> {
    const text = rego.includes('package ') ? rego : `package guardrails.page\n\n${rego}`;
    const files = [{ path: 'page.rego', blobId: '', bytes: new TextEncoder().encode(text) }];
    const { diagnostics } = await compileRevision({ commit: 'page', files, findings: [] }, compilePolicies, undefined);
    return diagnostics.map(({ code }) => code);
  }

  test.each(REGO_CODES)('%s: what is wrong raises it alone, and what is right raises nothing', async (code) => {
    const page = readFileSync(join(PAGES, `${code}.md`), 'utf8');
    const [wrong = '', right = ''] = [...page.matchAll(/```rego\n([\s\S]*?)```/g)].map(([, rego]) => rego ?? '');
    expect([...new Set(await codesOf(wrong))]).toEqual([code]);
    expect(await codesOf(right)).toEqual([]);
  });
});
