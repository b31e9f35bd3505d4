import { closestWord } from '../base/closest-word.ts';
import type { Code } from '../diagnostics/codes.ts';
import { type Diagnostic, diagnostic, type Span } from '../diagnostics/diagnostic.ts';
import { locate, type Path } from '../diagnostics/locate.ts';
import { replaceWith } from '../diagnostics/replace-with.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import { ANONYMOUS } from '../ir/identity.ts';
import type { Names } from './catalog.ts';
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
  HG3114: 'guardrail',
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
  const span = locate(document.source, path, code === 'HG3111' || code === 'HG3114' ? 'key' : 'value');
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

const CODE_OF_KIND = {
  Provider: 'HG3101',
  Pool: 'HG3102',
  Route: 'HG3103',
  Team: 'HG3104',
  Model: 'HG3107',
  Guardrail: 'HG3114',
} as const;

/** A reference to a document of the tree. Where some document did not tell its name, nothing is called unknown. */
export function* checkName<K extends keyof typeof CODE_OF_KIND>(
  kind: K,
  document: Document,
  path: Path,
  name: string,
  { complete, claims, askable }: Names<K>,
): Generator<Diagnostic> {
  if (!complete) return;
  yield* checkReference(CODE_OF_KIND[kind], document, path, name, kind === 'Model' ? askable : claims[kind]);
}
/** Teams as routes, guardrails and tests name them: `anonymous` and, in lists, `*` need no document. */
export function* checkTeams(
  document: Document,
  path: Path,
  teams: readonly string[],
  catalog: Names<'Team'>,
): Generator<Diagnostic> {
  for (const [index, name] of teams.entries()) {
    if (name !== '*' && name !== ANONYMOUS) yield* checkName('Team', document, [...path, index], name, catalog);
  }
}

export function* checkModels(
  document: Document,
  path: Path,
  models: readonly string[],
  catalog: Names<'Model'>,
): Generator<Diagnostic> {
  for (const [index, name] of models.entries()) {
    if (name !== '*') yield* checkName('Model', document, [...path, index], name, catalog);
  }
}
