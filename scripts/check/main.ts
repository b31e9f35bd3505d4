import { resolve } from 'node:path';
import { generatedFindings } from './generated.ts';
import { importRuleFindings, tidyFindings } from './house-rules.ts';
import { lintFindings } from './lint.ts';
import { repositoryFiles } from './repository-files.ts';
import { failureLines, runCommand } from './run-command.ts';

interface Part {
  readonly name: string;
  /** What the part does not let pass, a line each; none where all is well. */
  readonly findings: () => Promise<string[]>;
}

/** As many parts at a time as a small machine has cores; the programs among them use several themselves. */
const PARTS_AT_ONCE = 2;

const root = resolve(import.meta.dirname, '../..');

/** Longest first. */
const PARTS: readonly Part[] = [
  { name: 'dead code', findings: () => command('knip', '--no-progress', '--treat-config-hints-as-errors') },
  { name: 'generated files', findings: () => generatedFindings(root) },
  { name: 'types', findings: () => command('tsc', '-p', '.', '--pretty', 'false') },
  { name: 'lint and format', findings: () => lintFindings(root) },
  { name: 'imports', findings: async () => importRuleFindings(repositoryFiles(root)) },
  { name: 'tidy', findings: async () => tidyFindings(repositoryFiles(root)) },
];

async function command(...argv: [string, ...string[]]): Promise<string[]> {
  return failureLines(await runCommand(argv, root));
}

interface Outcome {
  readonly name: string;
  readonly findings: readonly string[];
}

async function runPart({ name, findings }: Part): Promise<Outcome> {
  const started = performance.now();
  const found = await findings().catch((error: unknown) => [`the check itself failed: ${String(error)}`]);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const verdict = found.length === 0 ? 'ok' : `${found.length} findings`;
  console.log(`${name.padEnd(16)} ${seconds.padStart(5)} s  ${verdict}`);
  return { name, findings: found };
}

async function runAll(): Promise<Outcome[]> {
  const waiting = [...PARTS];
  const outcomes: Outcome[] = [];
  const lane = async (): Promise<void> => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) outcomes.push(await runPart(part));
  };
  await Promise.all(Array.from({ length: PARTS_AT_ONCE }, lane));
  return outcomes;
}

const outcomes = await runAll();
const failed = outcomes.filter(({ findings }) => findings.length > 0);
for (const { name, findings } of failed) console.log(`\n${name}\n${findings.map((line) => `  ${line}`).join('\n')}`);
console.log(failed.length === 0 ? '\ncheck passed' : `\ncheck failed: ${failed.map(({ name }) => name).join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
