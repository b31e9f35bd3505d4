import { perObject, perObjects } from '../base/remember.ts';
import type { Span } from '../diagnostics/diagnostic.ts';
import { locate } from '../diagnostics/locate.ts';
import type { Declaration, Document, DocumentOf, Documents } from './document.ts';
import { KINDS, type Kind } from './kinds.ts';
import type { RegoPackages } from './rego-packages.ts';
import type { TreeMemory } from './tree-memory.ts';

/** What the boot settings say of names that documents may use; hosts are `host` or `host:port`, absent for any. */
export interface TreeContext {
  readonly secrets: Readonly<Record<string, { readonly hosts?: readonly string[] }>>;
  readonly authorities: readonly string[];
}

type ByKind = { readonly [K in Kind]: ReadonlyMap<string, DocumentOf<K>> };
type Claims = ReadonlyMap<string, { readonly span: Span }>;

/** What clients may ask for: names of models and their aliases, with the name of the model and where it stands. */
export type Askable = ReadonlyMap<string, { readonly model: string; readonly span: Span }>;

/** The documents of a tree by kind and name, and every name that a document may refer to. */
export interface Catalog {
  readonly byKind: ByKind;
  /** Where each name of a kind is claimed, also by documents that are wrong. */
  readonly claims: { readonly [K in Kind]: Claims };
  readonly askable: Askable;
  readonly packages: RegoPackages;
  /** Whether a name that nobody claims is unknown for certain. */
  readonly complete: boolean;
  /** Absent where the tree is read without the boot settings: secrets and authorities are then not checked. */
  readonly context?: TreeContext;
  /** When the tree is judged, in milliseconds since 1970; absent where nothing that depends on the day is. */
  readonly nowMs?: number;
}

/** The names that a document may refer to, of these kinds alone. */
export interface Names<K extends Kind> {
  readonly complete: boolean;
  readonly claims: Pick<Catalog['claims'], K>;
  readonly askable: Askable;
}

/** All that is looked at beside a route itself when it is checked. */
export interface RouteNeighbours extends Names<'Model' | 'Team'> {
  readonly byKind: Pick<ByKind, 'Model' | 'Pool' | 'Provider'>;
}

/** Maps of documents that are the same ones as in the tree before are the same maps. */
export function buildCatalog(
  read: Documents,
  packages: RegoPackages,
  memory: TreeMemory,
  context?: TreeContext,
  nowMs?: number,
): Catalog {
  const kinds = Object.keys(KINDS) as Kind[];
  const documentsOf = (kind: Kind) => read.documents.filter((document) => document.kind === kind);
  const byKind = kinds.map((kind) => [kind, documentsByName(memory.list(`${kind} documents`, documentsOf(kind)))]);
  const claiming = (kind: Kind) =>
    read.declarations.filter(({ kind: claimed }) => claimed === undefined || claimed === kind);
  const declared = kinds.map((kind) => [kind, memory.list(`${kind} names`, claiming(kind))] as const);
  return {
    byKind: Object.fromEntries(byKind) as unknown as ByKind,
    claims: Object.fromEntries(declared.map(([kind, list]) => [kind, claimsOf(list)])) as unknown as Catalog['claims'],
    askable: askableOf(Object.fromEntries(declared).Model ?? []),
    packages,
    complete: read.complete,
    ...(context === undefined ? {} : { context }),
    ...(nowMs === undefined ? {} : { nowMs }),
  };
}

/** The same neighbours as long as nothing of them changes. */
export function routeNeighbours({ claims, byKind, askable, complete }: Catalog): RouteNeighbours {
  return neighboursOf(askable, claims.Model, claims.Team, byKind.Model, byKind.Pool, byKind.Provider, complete);
}

type Neighbours = readonly [
  models: Claims,
  teams: Claims,
  ...documents: [ByKind['Model'], ByKind['Pool'], ByKind['Provider']],
  complete: boolean,
];

const neighboursOf = perObjects((askable: Askable, ...neighbours: Neighbours): RouteNeighbours => {
  const [models, teams, Model, Pool, Provider, complete] = neighbours;
  return { complete, askable, claims: { Model: models, Team: teams }, byKind: { Model, Pool, Provider } };
});

/** The name of the model behind a name or an alias; the text itself where nothing is known of it. */
export function modelNamed({ askable }: Pick<Catalog, 'askable'>, text: string): string {
  return askable.get(text)?.model ?? text;
}

const documentsByName = perObject((documents: readonly Document[]): ReadonlyMap<string, Document> => {
  const found = new Map<string, Document>();
  for (const document of documents) if (!found.has(document.name)) found.set(document.name, document);
  return found;
});

/** Where a declaration says its name. */
export const nameSpan = perObject(({ source }: Declaration): Span => locate(source, ['metadata', 'name']));

const claimsOf = perObject((declarations: readonly Declaration[]): Claims => {
  const claims = new Map<string, { span: Span }>();
  for (const item of declarations) if (!claims.has(item.name)) claims.set(item.name, { span: nameSpan(item) });
  return claims;
});

const askableOf = perObject((models: readonly Declaration[]): Askable => {
  const askable = new Map<string, { model: string; span: Span }>();
  for (const item of models) {
    if (!askable.has(item.name)) askable.set(item.name, { model: item.name, span: nameSpan(item) });
  }
  for (const { name, aliases, source } of models) {
    for (const [index, alias] of aliases.entries()) {
      if (!askable.has(alias)) askable.set(alias, { model: name, span: locate(source, ['spec', 'aliases', index]) });
    }
  }
  return askable;
});
