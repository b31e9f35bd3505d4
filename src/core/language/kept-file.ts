import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { YamlSource } from '../diagnostics/locate.ts';
import { type Credential, type CredentialScan, credentialsIn } from './check-credentials.ts';
import type { SourceText } from './decode-text.ts';
import type { Declaration, Document } from './document.ts';
import { readFileDocuments } from './read-documents.ts';

/** Something of a document, with the number of its source in the file. */
type Numbered<T extends { readonly source: YamlSource }> = Omit<T, 'source'> & { readonly source: number };

/** All that is worked out from one file of documents alone, as plain JSON: for the file of the same path and content. */
export interface KeptFile {
  readonly sources: readonly Pick<YamlSource, 'root' | 'lineStarts'>[];
  readonly documents: readonly Numbered<Document>[];
  readonly declarations: readonly Numbered<Declaration>[];
  readonly complete: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly credentials: readonly Credential[];
}

export function keptFile(file: SourceText, scan: CredentialScan): KeptFile {
  const { documents, declarations, complete, diagnostics } = readFileDocuments(file);
  const sources = [...new Set([...documents, ...declarations].map(({ source }) => source))];
  const numbered = <T extends { readonly source: YamlSource }>(item: T) => ({
    ...item,
    source: sources.indexOf(item.source),
  });
  return {
    sources: sources.map(({ root, lineStarts }) => ({ root, lineStarts })),
    documents: documents.map(numbered),
    declarations: declarations.map(numbered),
    complete,
    diagnostics,
    credentials: credentialsIn(file, scan),
  };
}

/** What was kept of a file holds for this text of it: nothing of it is worked out again. */
export function restoreFile(file: SourceText, scan: CredentialScan, kept: KeptFile): void {
  const { complete, diagnostics, credentials } = kept;
  const sources = kept.sources.map((source): YamlSource => ({ file: file.path, text: file.text, ...source }));
  const withSource = <T extends { readonly source: number }>(item: T) => ({ ...item, source: sources[item.source] });
  const documents = kept.documents.map(withSource) as Document[];
  const declarations = kept.declarations.map(withSource) as Declaration[];
  readFileDocuments.tell({ documents, declarations, complete, diagnostics }, file);
  credentialsIn.tell(credentials, file, scan);
}
