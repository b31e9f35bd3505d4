import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requiredTool } from '../src/io/tools/find-tool.ts';
import type { Run } from './bench.ts';
import { type CommandCost, commandCost } from './support/command-cost.ts';
import { generatedTree, writeTree } from './support/generated-tree.ts';
import { median } from './support/percentile.ts';

const FILE_COUNTS = [500, 1_000, 2_000, 4_000] as const;
/** The tree that the goals are about. */
const MEASURED = 2_000;
const COLD_ROUNDS = 5;
const WARM_ROUNDS = 15;
const CHANGED_FILE = 'routes/route-7.yaml';

/**
 * `headgate validate` as a whole process on generated trees. Cold is with an empty cache, but with headgate's own code
 * compiled as it is after its first start; warm is the same command once more.
 */
export const run: Run = async (say) => {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-bench-validate-'));
  try {
    const lab: Lab = { folder, caches: 0 };
    for (const count of FILE_COUNTS) await writeTree(join(folder, `${count}`), generatedTree(count));
    say('a first run, which compiles the code of headgate');
    await validate(lab, MEASURED, 'cold');
    const cold = new Map<number, CommandCost[]>(FILE_COUNTS.map((count) => [count, []]));
    // In turn, so that whatever else the machine does meets all of them.
    for (let round = 1; round <= COLD_ROUNDS; round += 1) {
      say(`cold, round ${round} of ${COLD_ROUNDS}`);
      for (const count of FILE_COUNTS) cold.get(count)?.push(await validate(lab, count, 'cold'));
    }
    const time = (count: number) => median((cold.get(count) ?? []).map(wholeMs));
    say('warm');
    const warm = await repeated(WARM_ROUNDS, () => validate(lab, MEASURED, 'warm'));
    say('warm, one file changed');
    const changed = await repeated(COLD_ROUNDS, async (round) => {
      await change(join(folder, `${MEASURED}`, CHANGED_FILE), round);
      return await validate(lab, MEASURED, 'warm');
    });
    const memory = Math.max(...(cold.get(MEASURED) ?? []).map((cost) => cost.memoryMebibytes));
    return {
      figures: [
        ...FILE_COUNTS.map((count) => ({
          what: `${count} files, cold`,
          value: time(count),
          unit: 'ms',
          ...(count === MEASURED ? { goal: { below: 2_000 } } : {}),
        })),
        { what: 'time of 4000 files to that of 1000', value: time(4_000) / time(1_000), unit: '', goal: { below: 5 } },
        { what: `${MEASURED} files, warm`, value: median(warm.map(wholeMs)), unit: 'ms', goal: { below: 200 } },
        { what: `${MEASURED} files, warm, one file changed`, value: median(changed.map(wholeMs)), unit: 'ms' },
        { what: `${MEASURED} files, cold, processor time`, value: median(used(cold.get(MEASURED) ?? [])), unit: 'ms' },
        { what: `${MEASURED} files, warm, processor time`, value: median(used(warm)), unit: 'ms' },
        {
          what: `${MEASURED} files, warm, one file changed, processor time`,
          value: median(used(changed)),
          unit: 'ms',
        },
        { what: `${MEASURED} files, cold, most memory`, value: memory, unit: 'MiB', goal: { below: 400 } },
      ],
    };
  } finally {
    await rm(folder, { recursive: true });
  }
};

interface Lab {
  readonly folder: string;
  /** How many caches were begun: each is a folder of its own. */
  caches: number;
}

async function validate(lab: Lab, count: number, state: 'cold' | 'warm'): Promise<CommandCost> {
  if (state === 'cold') lab.caches += 1;
  return await commandCost(['validate', join(lab.folder, `${count}`)], {
    PATH: process.env.PATH,
    HEADGATE_NODE: process.execPath,
    HEADGATE_OPA: requiredTool('opa'),
    HEADGATE_CACHE: join(lab.folder, `cache-${state === 'cold' ? lab.caches : 'warm'}`),
    NODE_COMPILE_CACHE: join(lab.folder, 'compiled'),
  });
}

/** The costs but the first one, which fills the cache. */
async function repeated(rounds: number, once: (round: number) => Promise<CommandCost>): Promise<CommandCost[]> {
  const costs: CommandCost[] = [];
  for (let round = 0; round <= rounds; round += 1) costs.push(await once(round));
  return costs.slice(1);
}

async function change(path: string, round: number): Promise<void> {
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace(/answer: \S+,/, `answer: ${100 + round}s,`));
}

function wholeMs(cost: CommandCost): number {
  return cost.wholeMs;
}

function used(costs: readonly CommandCost[]): number[] {
  return costs.map(({ processorMs }) => processorMs);
}
