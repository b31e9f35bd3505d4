import { visibleText } from './visible-text.ts';

/** The path of a file from the root of the repository, fit to be printed. */
export function repositoryPath(folder: string, file: string): string {
  return visibleText(folder === '' ? file : `${folder}/${file}`);
}
