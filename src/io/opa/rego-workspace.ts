import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One Rego file: its path in the tree it came from, which is never used as a path here, and its text. */
export interface RegoModule {
  readonly path: string;
  readonly text: string;
}

/** A private folder with modules in it under names of our own, so no path of a commit can lead anywhere else. */
export interface RegoWorkspace {
  readonly root: string;
  /** The files, in the order of the modules, relative to the root. */
  readonly files: readonly string[];
  /** The module's path for a file that opa names; the file itself where it is none of the modules. */
  pathOf(file: string): string;
  write(name: string, text: string): Promise<void>;
}

const MODULES_FOLDER = 'modules';

/** Runs `use` with a workspace and removes it afterwards, also after a throw. */
export async function withRegoWorkspace<T>(
  modules: readonly RegoModule[],
  use: (workspace: RegoWorkspace) => Promise<T>,
): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'headgate-rego-'));
  try {
    await mkdir(join(root, MODULES_FOLDER));
    const write = (name: string, text: string) => writeFile(join(root, name), text, { mode: 0o600, flag: 'wx' });
    const files = modules.map((_module, index) => `${MODULES_FOLDER}/m${index}.rego`);
    await Promise.all(modules.map((module, index) => write(files[index] ?? '', module.text)));
    const paths = new Map(files.map((file, index) => [file, modules[index]?.path ?? file]));
    return await use({ root, files, pathOf: (file) => paths.get(file) ?? file, write });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
