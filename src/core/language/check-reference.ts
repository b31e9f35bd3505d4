import { closestWord } from '../base/closest-word.ts';
import type { Code } from '../diagnostics/codes.ts';
import { type Diagnostic, diagnostic, type Span } from '../diagnostics/diagnostic.ts';
import { locate, type Path } from '../diagnostics/locate.ts';
import { replaceWith } from '../diagnostics/replace-with.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import { ANONYMOUS } from '../ir/identity.ts';
import type { Catalog } from './catalog.ts';
import type { Document } from './document.ts';

/** Names shown where none is close. */
const NAMES_SHOWN_MAX = 6;

const NOUNS = {
  HG3101: 'provider',
  HG3102: 'pool',
  HG3103: 'route',
  HG3104: 'team',
  HG3105: 'offer',
  HG3106: 'policy package',
  HG3107: 'model',
  HG3108: 'secret',
  HG3109: 'certificate authority',
  HG3111: 'engine address',
  HG3112: 'key',
} as const satisfies Partial<Record<Code, string>>;

/** What may be named, and where each stands; no place for a name that stands in no file of the tree. */
export type Known = ReadonlyMap<string, { readonly span?: Span }>;

/** The name at the path is looked up; one that nobody claims is told, with the closest that somebody does. */
export function* checkReference(
  code: keyof typeof NOUNS,
  document: Document,
  path: Path,
  name: string,
  known: Known,
): Generator<Diagnostic> {
  if (known.has(name)) return;
  const near = closestWord(name, known.keys());
  const span = locate(document.source, path, code === 'HG3111' ? 'key' : 'value');
  const message = `unknown ${NOUNS[code]} ${quoted(name)}`;
  if (near === undefined) {
    yield diagnostic(code, span, message, { hint: choices(known) });
    return;
  }
  const at = known.get(near)?.span;
  const related = at === undefined ? [] : [{ message: `a close match, ${quoted(near)}, is defined here`, span: at }];
  yield diagnostic(code, span, message, { related, ...replaceWith(span, near) });
}

function choices(known: Known): string {
  const names = [...known.keys()].sort();
  if (names.length === 0) return 'define it: there is none yet';
  const more = names.length > NAMES_SHOWN_MAX ? ', ...' : '';
  return `define it, or use one of: ${names.slice(0, NAMES_SHOWN_MAX).join(', ')}${more}`;
}

/** A reference to a document of the tree. Where some document did not tell its name, nothing is called unknown. */
export function* checkName(
  kind: 'Provider' | 'Pool' | 'Route' | 'Team' | 'Model',
  document: Document,
  path: Path,
  name: string,
  catalog: Catalog,
): Generator<Diagnostic> {
  if (!catalog.complete) return;
  switch (kind) {
    case 'Provider':
      yield* checkReference('HG3101', document, path, name, catalog.claims.Provider);
      return;
    case 'Pool':
      yield* checkReference('HG3102', document, path, name, catalog.claims.Pool);
      return;
    case 'Route':
      yield* checkReference('HG3103', document, path, name, catalog.claims.Route);
      return;
    case 'Team':
      yield* checkReference('HG3104', document, path, name, catalog.claims.Team);
      return;
    case 'Model':
      yield* checkReference('HG3107', document, path, name, catalog.askable);
      return;
  }
}

/** Teams as routes, guardrails and tests name them: `anonymous` and, in lists, `*` need no document. */
export function* checkTeams(
  document: Document,
  path: Path,
  teams: readonly string[],
  catalog: Catalog,
): Generator<Diagnostic> {
  for (const [index, name] of teams.entries()) {
    if (name !== '*' && name !== ANONYMOUS) yield* checkName('Team', document, [...path, index], name, catalog);
  }
}

export function* checkModels(
  document: Document,
  path: Path,
  models: readonly string[],
  catalog: Catalog,
): Generator<Diagnostic> {
  for (const [index, name] of models.entries()) {
    if (name !== '*') yield* checkName('Model', document, [...path, index], name, catalog);
  }
}
