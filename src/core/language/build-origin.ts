import { locate, type Path } from '../diagnostics/locate.ts';
import type { Origin } from '../ir/origin.ts';
import type { Document } from './document.ts';

/** Where the value at the path was written; a whole document stands where its name does. */
export function originOf(document: Document, path: Path = ['metadata', 'name']): Origin {
  const { file, start } = locate(document.source, path);
  return { file, line: start.line, column: start.column };
}
