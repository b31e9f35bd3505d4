import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { locate, type Path } from '../diagnostics/locate.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import type { Document } from './document.ts';

/** Every entry of the list but the first of its kind. `pathOf` leads from an index to what names the entry. */
export function* listedTwice(
  document: Document,
  path: Path,
  names: readonly string[],
  pathOf: (index: number) => Path = (index) => [index],
): Generator<Diagnostic> {
  const first = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, index);
      continue;
    }
    const span = locate(document.source, [...path, ...pathOf(index)]);
    const related = [
      { message: 'it is first listed here', span: locate(document.source, [...path, ...pathOf(earlier)]) },
    ];
    yield diagnostic('HG3002', span, `${quoted(name)} is listed twice`, { related, hint: 'remove one of the two' });
  }
}

/** A list that holds `*` and something beside it says two things at once. */
export function* starBesideNames(document: Document, path: Path, names: readonly string[]): Generator<Diagnostic> {
  const star = names.indexOf('*');
  if (star === -1 || names.length === 1) return;
  const span = locate(document.source, [...path, star]);
  const hint = 'remove "*", or remove the names';
  yield diagnostic('HG3003', span, '"*" stands beside names, and it means all of them', { hint });
}
