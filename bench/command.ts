import type { Bench } from './bench.ts';
import { type Report, reportOf, reportTable } from './figure.ts';

interface Terminal {
  /** Results: standard output. */
  readonly print: (line: string) => void;
  /** Progress and mistakes: standard error. */
  readonly say: (line: string) => void;
}

/** `list`, or `NAME [--json]`: runs one bench and prints its figures. Gives the exit code; a missed goal is no error. */
export async function benchCommand(
  argv: readonly string[],
  benches: Readonly<Record<string, Bench>>,
  { print, say }: Terminal,
): Promise<number> {
  const [name, ...flags] = argv;
  if (name === 'list' && flags.length === 0) {
    for (const [key, { what }] of Object.entries(benches)) print(`${key}: ${what}`);
    return 0;
  }
  const bench = name === undefined ? undefined : benches[name];
  const json = flags.length === 1 && flags[0] === '--json';
  if (name === undefined || bench === undefined || (flags.length > 0 && !json)) {
    say(`usage: npm run bench -- NAME [--json], with NAME one of: ${['list', ...Object.keys(benches)].join(', ')}`);
    return 64;
  }
  const { run } = await bench.load();
  const report: Report = reportOf(name, (await run(say)).figures);
  print(json ? JSON.stringify(report) : reportTable(report));
  return 0;
}
