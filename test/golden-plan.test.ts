import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadBundleForDecisions } from '../src/app/decider/load-bundle.ts';
import type { Bundle } from '../src/app/revision/bundle.ts';
import { compileRevision } from '../src/app/revision/compile-revision.ts';
import { createPolicyCompiler } from '../src/app/revision/policy-compiler.ts';
import { assert, present } from '../src/core/base/assert.ts';
import { type Approvers, approversOf } from '../src/core/plan/code-owners.ts';
import { type CorpusLine, readCorpus } from '../src/core/plan/corpus.ts';
import { makePlan, type Plan } from '../src/core/plan/make-plan.ts';
import type { PlanSide } from '../src/core/plan/plan-side.ts';
import { renderPlanJson, renderPlanMarkdown, renderPlanText } from '../src/core/plan/render-plan.ts';
import { readWorkingTree } from '../src/io/git/working-tree.ts';
import { recordCorpus } from './support/record-corpus.ts';
import { describeWithTool } from './support/require-tool.ts';

const FOLDER = join(import.meta.dirname, 'golden/plan');
const cases = readdirSync(FOLDER).sort();
const isUpdating = process.env.UPDATE_GOLDEN === '1';
const REQUESTS = 60;

const RENDERERS: Readonly<Record<string, (plan: Plan) => string>> = {
  'expected.txt': renderPlanText,
  'expected.md': renderPlanMarkdown,
  'expected.json': renderPlanJson,
};

describeWithTool('opa', 'the plan of', (opa) => {
  const compilePolicies = createPolicyCompiler(opa);

  async function compiled(name: string, side: 'base' | 'head'): Promise<Bundle> {
    const tree = await readWorkingTree(join(FOLDER, name, side));
    const { bundle } = await compileRevision({ commit: side, ...tree }, compilePolicies, undefined);
    return present(bundle, 'the bundle of a tree without errors');
  }

  /** Both sides under digests that stay as they are when the model of headgate grows. */
  async function sidesOf(name: string): Promise<readonly [PlanSide, PlanSide]> {
    const [base, head] = [await compiled(name, 'base'), await compiled(name, 'head')];
    const isSame = base.digest === head.digest;
    return [await sideOf(base, 'sha256:ba5e'), await sideOf(head, isSame ? 'sha256:ba5e' : 'sha256:4ead')];
  }

  test.each(cases)('%s', async (name) => {
    const [base, head] = await sidesOf(name);
    const plan = makePlan(base, head, { ...corpusOf(name, base), ...approversIn(name) });
    for (const [file, render] of Object.entries(RENDERERS)) {
      expect(golden(join(FOLDER, name, file), render(plan))).toBe(render(plan));
    }
  });
});

async function sideOf(bundle: Bundle, digest: Bundle['digest']): Promise<PlanSide> {
  const { commit, ir } = bundle;
  return { name: commit, commit, ir, loaded: await loadBundleForDecisions({ ...bundle, digest }) };
}

/** The committed text; written first where goldens are updated. */
function golden(path: string, text: string): string {
  if (isUpdating) writeFileSync(path, text);
  return existsSync(path) ? readFileSync(path, 'utf8') : `no ${path}`;
}

function corpusOf(name: string, base: PlanSide): { readonly corpus?: readonly CorpusLine[] } {
  const path = join(FOLDER, name, 'corpus.jsonl');
  if (!existsSync(path)) return {};
  if (isUpdating) {
    const lines = recordCorpus(base.loaded, REQUESTS).map((line) => `${JSON.stringify(line)}\n`);
    writeFileSync(path, lines.join(''));
  }
  const read = readCorpus(readFileSync(path, 'utf8'));
  assert(read.ok, 'the corpus of a case can be read');
  return { corpus: read.value };
}

function approversIn(name: string): { readonly approvers?: Approvers } {
  const path = join(FOLDER, name, 'CODEOWNERS');
  if (!existsSync(path)) return {};
  return { approvers: approversOf(readFileSync(path, 'utf8'), ['routes/chat.yaml', 'README.md']) };
}
