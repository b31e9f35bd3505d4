import type { Span } from '../diagnostics/diagnostic.ts';
import { locate } from '../diagnostics/locate.ts';
import type { Document, DocumentOf, Documents } from './document.ts';
import { KINDS, type Kind } from './kinds.ts';
import type { RegoPackages } from './rego-packages.ts';

/** What the boot settings say of names that documents may use; hosts are `host` or `host:port`, absent for any. */
export interface TreeContext {
  readonly secrets: Readonly<Record<string, { readonly hosts?: readonly string[] }>>;
  readonly authorities: readonly string[];
}

type ByKind = { readonly [K in Kind]: ReadonlyMap<string, DocumentOf<K>> };

/** The documents of a tree by kind and name, and every name that a document may refer to. */
export interface Catalog {
  readonly byKind: ByKind;
  /** Where each name of a kind is claimed, also by documents that are wrong. */
  readonly claims: { readonly [K in Kind]: ReadonlyMap<string, { readonly span: Span }> };
  /** What clients may ask for: names of models and their aliases, with the name of the model and where it stands. */
  readonly askable: ReadonlyMap<string, { readonly model: string; readonly span: Span }>;
  readonly packages: RegoPackages;
  /** Whether a name that nobody claims is unknown for certain. */
  readonly complete: boolean;
  /** Absent where the tree is read without the boot settings: secrets and authorities are then not checked. */
  readonly context?: TreeContext;
  /** When the tree is judged, in milliseconds since 1970; absent where nothing that depends on the day is. */
  readonly nowMs?: number;
}

export function buildCatalog(read: Documents, packages: RegoPackages, context?: TreeContext, nowMs?: number): Catalog {
  const kinds = Object.keys(KINDS) as Kind[];
  const byKind = Object.fromEntries(kinds.map((kind) => [kind, documentsOf(read.documents, kind)]));
  const claims = Object.fromEntries(kinds.map((kind) => [kind, claimsOf(read, kind)]));
  return {
    byKind: byKind as unknown as ByKind,
    claims: claims as unknown as Catalog['claims'],
    askable: askableOf(read),
    packages,
    complete: read.complete,
    ...(context === undefined ? {} : { context }),
    ...(nowMs === undefined ? {} : { nowMs }),
  };
}

/** The name of the model behind a name or an alias; the text itself where nothing is known of it. */
export function modelNamed(catalog: Catalog, text: string): string {
  return catalog.askable.get(text)?.model ?? text;
}

function documentsOf(documents: readonly Document[], kind: Kind): Map<string, Document> {
  const found = new Map<string, Document>();
  for (const document of documents) {
    if (document.kind === kind && !found.has(document.name)) found.set(document.name, document);
  }
  return found;
}

function claimsOf(read: Documents, kind: Kind): Map<string, { span: Span }> {
  const claims = new Map<string, { span: Span }>();
  for (const { kind: claimed, name, source } of read.declarations) {
    const counts = claimed === undefined || claimed === kind;
    if (counts && !claims.has(name)) claims.set(name, { span: locate(source, ['metadata', 'name']) });
  }
  return claims;
}

function askableOf(read: Documents): Map<string, { model: string; span: Span }> {
  const models = read.declarations.filter((item) => item.kind === undefined || item.kind === 'Model');
  const askable = new Map<string, { model: string; span: Span }>();
  for (const { name, source } of models) {
    if (!askable.has(name)) askable.set(name, { model: name, span: locate(source, ['metadata', 'name']) });
  }
  for (const { name, aliases, source } of models) {
    for (const [index, alias] of aliases.entries()) {
      if (!askable.has(alias)) askable.set(alias, { model: name, span: locate(source, ['spec', 'aliases', index]) });
    }
  }
  return askable;
}
