import { type Diagnostic, diagnostic, type Edit } from '../diagnostics/diagnostic.ts';
import { locate, type Path } from '../diagnostics/locate.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import type { Document } from './document.ts';

/**
 * Every entry of the list but the first of its kind. `pathOf` leads from an index to what names the entry, where an entry
 * is more than its name.
 */
export function* listedTwice(
  document: Document,
  path: Path,
  names: readonly string[],
  pathOf?: (index: number) => Path,
): Generator<Diagnostic> {
  const placeOf = (index: number) => locate(document.source, [...path, ...(pathOf?.(index) ?? [index])]);
  const first = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, index);
      continue;
    }
    const related = [{ message: 'it is first listed here', span: placeOf(earlier) }];
    const fix = pathOf === undefined ? removalOf(document, path, index) : undefined;
    const more = { related, hint: 'remove one of the two', fix };
    yield diagnostic('HG3002', placeOf(index), `${quoted(name)} is listed twice`, more);
  }
}

/** The entry goes with the comma before it; nothing else is taken away, so only entries of one line can go. */
function removalOf({ source }: Document, path: Path, index: number): readonly Edit[] | undefined {
  const before = locate(source, [...path, index - 1]);
  const entry = locate(source, [...path, index]);
  if (before.start.line !== entry.start.line) return undefined;
  return [{ span: { ...entry, start: before.end }, replacement: '' }];
}

/** A list that holds `*` and something beside it says two things at once. */
export function* starBesideNames(document: Document, path: Path, names: readonly string[]): Generator<Diagnostic> {
  const star = names.indexOf('*');
  if (star === -1 || names.length === 1) return;
  const span = locate(document.source, [...path, star]);
  const hint = 'remove "*", or remove the names';
  yield diagnostic('HG3003', span, '"*" stands beside names, and it means all of them', { hint });
}
