import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBundleForDecisions } from '../src/app/decider/load-bundle.ts';
import { compileRevision } from '../src/app/revision/compile-revision.ts';
import { createPolicyCompiler } from '../src/app/revision/policy-compiler.ts';
import { present } from '../src/core/base/assert.ts';
import { type CorpusLine, readCorpus } from '../src/core/plan/corpus.ts';
import { makePlan } from '../src/core/plan/make-plan.ts';
import type { PlanSide } from '../src/core/plan/plan-side.ts';
import { readWorkingTree } from '../src/io/git/working-tree.ts';
import { requiredTool } from '../src/io/tools/find-tool.ts';
import { recordCorpus } from '../test/support/record-corpus.ts';
import type { Run } from './bench.ts';
import type { Figure } from './figure.ts';
import { type CommandCost, commandCost } from './support/command-cost.ts';
import { type GeneratedTree, generatedTree, writeTree } from './support/generated-tree.ts';
import { median } from './support/percentile.ts';

const FILES = 2_000;
const REQUESTS = 10_000;
/** One file in so many of the routes and models is another one in the head. */
const CHANGED_EVERY = 50;
const ROUNDS = 5;

/**
 * What `headgate plan` of two commits costs: the whole command with an empty cache, the same once more, and its parts in
 * a process that is warm.
 */
export const run: Run = async (say) => {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-plan-'));
  try {
    say(`writing two revisions of ${FILES} files`);
    // Their cases say where requests go: the head sends them elsewhere.
    const base = new Map([...generatedTree(FILES)].filter(([path]) => !path.startsWith('tests/')));
    await commitTree(folder, base);
    const before = await sideOf(folder, 'base');
    say(`recording ${REQUESTS} requests`);
    const corpus = recordCorpus(before.loaded, REQUESTS);
    const corpusPath = join(folder, '.corpus.jsonl');
    writeFileSync(corpusPath, corpus.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await commitTree(folder, changed(base));
    const after = await sideOf(folder, 'head');
    say('planning');
    const commands: CommandCost[] = [];
    // The first one compiles the code of headgate.
    for (let round = 0; round <= ROUNDS; round += 1) {
      commands.push(await planCommand(folder, corpusPath, `cache-${round}`));
    }
    const measured = commands.slice(1);
    say('planning once more, from what is kept');
    const warm: CommandCost[] = [];
    for (let round = 0; round < ROUNDS; round += 1) warm.push(await planCommand(folder, corpusPath, 'cache-0'));
    const comparison = seconds(() => makePlan(before, after, {}));
    const replay = seconds(() => makePlan(before, after, { corpus }));
    const reading = seconds(() => readCorpus(corpusText(corpus)));
    return {
      figures: [
        ...costFigures(`headgate plan, two commits of ${FILES} files, ${REQUESTS} requests`, measured, 3),
        {
          what: 'most memory of it',
          value: Math.max(...measured.map(({ memoryMebibytes }) => memoryMebibytes)),
          unit: 'MiB',
          goal: { below: 400 },
        },
        ...costFigures('the same, from what an earlier process kept of the files', warm),
        { what: 'of it comparing two compiled revisions', value: comparison, unit: 's' },
        { what: `of it reading the corpus (${REQUESTS} lines)`, value: reading, unit: 's' },
        {
          what: 'of it a recorded request through both revisions',
          value: ((replay - comparison) / REQUESTS) * 1e6,
          unit: 'us',
        },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

function costFigures(what: string, costs: readonly CommandCost[], goalSeconds?: number): Figure[] {
  const whole = median(costs.map(({ wholeMs }) => wholeMs)) / 1_000;
  const processor = median(costs.map(({ processorMs }) => processorMs)) / 1_000;
  return [
    { what, value: whole, unit: 's', ...(goalSeconds === undefined ? {} : { goal: { below: goalSeconds } }) },
    { what: `${what}, processor time`, value: processor, unit: 's' },
  ];
}

async function commitTree(folder: string, tree: GeneratedTree): Promise<void> {
  await writeTree(folder, tree);
  const git = (...words: string[]) => execFileSync('git', ['-C', folder, ...words], { stdio: 'pipe' });
  git('init', '--quiet');
  git('add', '--all', '--', ':!.corpus.jsonl');
  const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  git(...author, 'commit', '--quiet', '--message', 'change');
}

/** Routes that turn their tiers around, and models that cost more. */
function changed(tree: GeneratedTree): GeneratedTree {
  const edited = [...tree].map(([path, text], index): [string, string] => {
    if (index % CHANGED_EVERY !== 0) return [path, text];
    const turned = text.replace(
      '    - { offers: [ own ] }\n    - { offers: [ cloud ] }',
      '    - { offers: [ cloud ] }',
    );
    return [path, turned.replace('output: 0.60', 'output: 0.70')];
  });
  return new Map(edited);
}

async function sideOf(folder: string, name: string): Promise<PlanSide> {
  const compilePolicies = createPolicyCompiler(requiredTool('opa'));
  const tree = await readWorkingTree(folder);
  const { bundle } = await compileRevision({ commit: name, ...tree }, compilePolicies, undefined);
  const known = present(bundle, 'the bundle of a generated tree');
  return { name, commit: name, ir: known.ir, loaded: await loadBundleForDecisions(known) };
}

async function planCommand(folder: string, corpusPath: string, cache: string): Promise<CommandCost> {
  const words = ['plan', 'HEAD~1..HEAD', '--repository', folder, '--corpus', corpusPath, '--format', 'json'];
  return await commandCost(words, {
    PATH: process.env.PATH,
    HEADGATE_NODE: process.execPath,
    HEADGATE_OPA: requiredTool('opa'),
    HEADGATE_CACHE: join(folder, '.git', cache),
    NODE_COMPILE_CACHE: join(folder, '.git', 'compiled'),
  });
}

function corpusText(corpus: readonly CorpusLine[]): string {
  return corpus.map((line) => JSON.stringify(line)).join('\n');
}

function seconds(work: () => unknown): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1_000;
}
