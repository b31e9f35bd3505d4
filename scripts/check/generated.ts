import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureLines, runCommand } from './run-command.ts';

interface Generator {
  /** The committed folder, relative to the repository. */
  readonly folder: string;
  /** The files of the folder that the command writes; all of them where it is absent. */
  readonly files?: readonly string[];
  /** The command that writes them anew to the place that is appended to it. */
  readonly argv: readonly [string, ...string[]];
}

/** Everything in the repository that a program wrote. A new generator is one line here. */
const GENERATORS: readonly Generator[] = [
  { folder: 'src/gen', argv: ['scripts/generate', '--out'] },
  { folder: 'schemas', argv: ['node', 'scripts/schemas.ts', '--out'] },
  { folder: 'docs', files: ['cli.md'], argv: ['node', 'scripts/cli-docs.ts', '--out'] },
];

/** Generates everything beside the tree and names the files that differ from the committed ones. */
export async function generatedFindings(root: string): Promise<string[]> {
  const findings = await Promise.all(GENERATORS.map((generator) => staleFiles(root, generator)));
  return findings.flat();
}

async function staleFiles(root: string, { folder, files, argv }: Generator): Promise<string[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'headgate-generated-'));
  try {
    const fresh = join(scratch, 'fresh');
    const result = await runCommand([...argv, fresh], root);
    const failure = failureLines(result);
    if (failure.length > 0) return [`${argv.join(' ')} failed:`, ...failure];
    const differing = differences(await readFolder(fresh), only(files, await readFolder(join(root, folder))));
    return differing.map(({ path, what }) => `${folder}/${path}: ${what}: npm run gen`);
  } finally {
    await rm(scratch, { recursive: true });
  }
}

type Folder = ReadonlyMap<string, string>;

function only(files: readonly string[] | undefined, folder: Folder): Folder {
  return files === undefined ? folder : new Map([...folder].filter(([path]) => files.includes(path)));
}

/** How the committed files differ from freshly generated ones. */
export function differences(fresh: Folder, committed: Folder): { path: string; what: string }[] {
  const paths = [...new Set([...fresh.keys(), ...committed.keys()])].sort();
  return paths.flatMap((path) => {
    if (!committed.has(path)) return [{ path, what: 'is generated and not there' }];
    if (!fresh.has(path)) return [{ path, what: 'is no longer generated' }];
    return fresh.get(path) === committed.get(path) ? [] : [{ path, what: 'differs from what is generated' }];
  });
}

async function readFolder(folder: string): Promise<Folder> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map((path) => readFile(path, 'utf8')));
  return new Map(files.map((path, index) => [path.slice(folder.length + 1), texts[index] ?? '']));
}
