import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { parseIgnoreList, withoutIgnored } from '../../core/language/ignore-list.ts';
import { fileRole, IGNORE_LIST } from '../../core/language/tree-file.ts';
import { readWorkingTree } from '../../io/git/working-tree.ts';
import type { FileOnDisk } from './format-files.ts';

/** The documents and policies at and below the places that the command line names. Links are not followed. */
export async function findFiles(places: readonly string[]): Promise<FileOnDisk[]> {
  const found = await Promise.all(places.map(filesAt));
  const byLocation = new Map(found.flat().map((file) => [file.location, file]));
  return [...byLocation.values()];
}

async function filesAt(place: string): Promise<FileOnDisk[]> {
  const isFolder = (await stat(place)).isDirectory();
  if (!isFolder) return [{ location: place, path: place, form: formOf(place), bytes: await readFile(place) }];
  const { files } = await readWorkingTree(place);
  const list = files.find((file) => file.path === IGNORE_LIST);
  const text = list === undefined ? undefined : { path: IGNORE_LIST, text: new TextDecoder().decode(list.bytes) };
  const { kept } = withoutIgnored(files, parseIgnoreList(text));
  const ours = kept.filter(({ path }) => ['document', 'policy', 'policy-test'].includes(fileRole(path)));
  return ours.map(({ path, bytes }) => {
    const location = join(place, path);
    return { location, path: location, form: formOf(path), bytes };
  });
}

function formOf(path: string): FileOnDisk['form'] {
  if (/\.ya?ml$/.test(path)) return 'yaml';
  if (path.endsWith('.rego')) return 'rego';
  throw new InvalidArgumentError(`${path} is neither a document (.yaml) nor a policy (.rego)`);
}
