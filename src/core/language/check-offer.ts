import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
import { locate, type Path } from '../diagnostics/locate.ts';
import type { Catalog } from './catalog.ts';
import { checkReference } from './check-reference.ts';
import type { Document, DocumentOf } from './document.ts';

/** The offer must be one of a model's; of one of them at least, where several are given. A model that is itself wrong may have it. */
export function* checkOffer(
  document: Document,
  path: Path,
  name: string,
  models: Iterable<string>,
  { byKind }: { readonly byKind: Pick<Catalog['byKind'], 'Model'> },
): Generator<Diagnostic> {
  const searched: DocumentOf<'Model'>[] = [];
  for (const model of models) {
    const found = byKind.Model.get(model);
    if (found === undefined || found.spec.offers.some((offer) => offer.name === name)) return;
    searched.push(found);
  }
  const offers = new Map<string, { span: Span }>();
  for (const { spec, source } of searched) {
    for (const [index, offer] of spec.offers.entries()) {
      offers.set(offer.name, { span: locate(source, ['spec', 'offers', index, 'name']) });
    }
  }
  yield* checkReference('HG3105', document, path, name, offers);
}
