import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type CorpusLine, corpusLines } from '../../core/plan/corpus.ts';
import type { Plan } from '../../core/plan/make-plan.ts';
import { renderPlanJson, renderPlanMarkdown, renderPlanText } from '../../core/plan/render-plan.ts';
import { openLocalRepository } from '../../io/git/local-repository.ts';
import { requiredTool } from '../../io/tools/find-tool.ts';
import { planRevisions } from '../plan/plan-revisions.ts';
import { parseRange } from '../plan/read-range.ts';
import { inTurns } from '../revision/in-turns.ts';
import { keptParts } from '../revision/kept-parts.ts';
import { createPolicyCompiler } from '../revision/policy-compiler.ts';
import { EXIT_FINDINGS } from './exit.ts';
import { withProgress } from './with-progress.ts';

interface PlanOptions {
  readonly repository: string;
  readonly path?: string;
  readonly corpus?: string;
  readonly format: keyof typeof RENDERERS;
  readonly detailedExitcode?: true;
  readonly cache: boolean;
}

const RENDERERS: Readonly<Record<'text' | 'json' | 'markdown', (plan: Plan) => string>> = {
  text: renderPlanText,
  json: renderPlanJson,
  markdown: renderPlanMarkdown,
};

/** Changes, for `--detailed-exitcode`: terraform's numbers. */
const EXIT_CHANGES = 2;

export function planCommand(): Command {
  return new Command('plan')
    .description('Say what a change does to requests, before it is merged; no server and no network are needed')
    .argument('<base..head>', 'two revisions of the repository; the second may be "worktree"')
    .option('--repository <dir>', 'a folder of the repository', '.')
    .option('--path <folder>', 'where the tree is below the root of the repository, when it is not the root itself')
    .option('--corpus <file>', 'recorded requests to replay: what "headgate records --corpus" prints')
    .addOption(new Option('--format <format>', 'how to print').choices(Object.keys(RENDERERS)).default('text'))
    .option('--no-cache', 'read anew what was read before')
    .option('--detailed-exitcode', 'exit 0 for no changes, 1 for an error or a breached limit, 2 for changes')
    .addHelpText(
      'after',
      [
        '\nExit status: 0, 1 for a tree with errors or a breached limit, 2 for a wrong command line.',
        '\nExamples:',
        '  headgate plan main..HEAD',
        '  headgate plan HEAD..worktree --path gateway --corpus week.jsonl',
        '  headgate plan origin/main..HEAD --format markdown > comment.md',
      ].join('\n'),
    )
    .action(runPlan);
}

async function runPlan(rangeText: string, options: PlanOptions): Promise<void> {
  const range = parseRange(rangeText);
  if (range === undefined) throw new InvalidArgumentError('write BASE..HEAD, such as main..HEAD or HEAD..worktree');
  const corpus = options.corpus === undefined ? undefined : await openCorpus(options.corpus);
  const repository = await openLocalRepository(options.repository);
  try {
    const order = { ...range, subpath: options.path ?? '', ...(corpus === undefined ? {} : { corpus }) };
    const opaPath = requiredTool('opa');
    const kept = options.cache ? keptParts(opaPath) : undefined;
    const planning = planRevisions(repository, order, createPolicyCompiler(opaPath, kept?.builds), kept?.files);
    const result = await withProgress('comparing', planning);
    if (result.kind === 'broken') {
      process.stderr.write(`headgate: ${result.name} does not compile\n`);
      process.stdout.write(result.diagnostics);
      process.exitCode = EXIT_FINDINGS;
      return;
    }
    process.stdout.write(RENDERERS[options.format](result.plan));
    process.exitCode = exitCode(result.plan, options.detailedExitcode === true);
  } finally {
    repository.close();
  }
}

function exitCode(plan: Plan, detailed: boolean): number {
  if (plan.limits.some(({ isBreached }) => isBreached)) return EXIT_FINDINGS;
  return detailed && plan.hasEffect ? EXIT_CHANGES : 0;
}

/** The file is there from the start; its lines are read when they are asked for. */
async function openCorpus(path: string): Promise<() => Promise<readonly CorpusLine[]>> {
  const text = await readFile(path, 'utf8');
  return async () => {
    const lines: CorpusLine[] = [];
    await inTurns(corpusLines(text), (read) => {
      if (!read.ok) throw new InvalidArgumentError(`${path}:${read.error.line}: ${read.error.message}`);
      lines.push(read.value);
    });
    return lines;
  };
}
