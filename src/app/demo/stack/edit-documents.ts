import { type Document, parseAllDocuments } from 'yaml';
import { assert } from '../../../core/base/assert.ts';

/**
 * Changes the documents of one kind in a text of YAML, as a person would: comments and the style of all the rest stay.
 * There must be such a document.
 */
export function editDocuments(text: string, kind: string, change: (document: Document.Parsed) => void): string {
  const documents = [...parseAllDocuments(text)];
  const ofKind = documents.filter((document) => document.get('kind') === kind);
  assert(ofKind.length > 0, `a document of kind ${kind}`);
  for (const document of ofKind) change(document);
  return documents.map((document) => document.toString({ lineWidth: 0 })).join('');
}
