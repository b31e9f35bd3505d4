import { stringify } from 'yaml';
import { closestWord } from '../base/closest-word.ts';
import { failed, ok, type Result } from '../base/result.ts';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import type { Document } from './document.ts';
import { API_VERSION } from './kind.ts';
import { readDocuments } from './read-documents.ts';
import type { ReadTree } from './read-tree.ts';

/**
 * A document of a tree with every default filled in, as YAML; `name` is `route/chat`, its kind in upper or lower case. The
 * error is for people. What is wrong with other documents does not matter.
 */
export function effectiveDocument(tree: ReadTree, name: string): Result<string, string> {
  const { documents, diagnostics } = readDocuments(tree.documents);
  const found = documents.find((document) => nameOf(document) === name.toLowerCase());
  if (found !== undefined) return ok(textOf(found));
  const near = closestWord(name.toLowerCase(), documents.map(nameOf));
  const hint = near === undefined ? 'write KIND/NAME, such as route/chat' : `did you mean "${near}"?`;
  const more = hasErrors(diagnostics) ? ' Some documents have mistakes: headgate validate tells them.' : '';
  return failed(`there is no document "${name}": ${hint}${more}`);
}

function nameOf({ kind, name }: Document): string {
  return `${kind.toLowerCase()}/${name}`;
}

function textOf({ kind, name, labels, spec, source }: Document): string {
  const metadata = { name, ...(Object.keys(labels).length === 0 ? {} : { labels }) };
  const text = stringify(
    { apiVersion: API_VERSION, kind, metadata, spec },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
  return `# ${source.file}\n${text}`;
}
