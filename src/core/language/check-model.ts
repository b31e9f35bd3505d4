import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { locate } from '../diagnostics/locate.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import type { Catalog } from './catalog.ts';
import { listedTwice } from './check-list.ts';
import { checkName } from './check-reference.ts';
import type { DocumentOf } from './document.ts';

export function* checkModel(document: DocumentOf<'Model'>, catalog: Catalog): Generator<Diagnostic> {
  const { spec, source } = document;
  yield* checkAliases(document, catalog);
  yield* listedTwice(document, ['spec', 'capabilities'], spec.capabilities);
  if (spec.maxOutput !== undefined && spec.maxOutput > spec.context) {
    const message = `an answer of ${spec.maxOutput} tokens does not fit a context of ${spec.context}`;
    const related = [{ message: 'the context is set here', span: locate(source, ['spec', 'context']) }];
    yield diagnostic('HG3208', locate(source, ['spec', 'maxOutput']), message, { related });
  }
  const names = spec.offers.map((offer) => offer.name);
  yield* listedTwice(document, ['spec', 'offers'], names, (index) => [index, 'name']);
  for (const [index, offer] of spec.offers.entries()) {
    const path = ['spec', 'offers', index];
    if (offer.pool !== undefined) yield* checkName('Pool', document, [...path, 'pool'], offer.pool, catalog);
    if (offer.provider !== undefined) {
      yield* checkName('Provider', document, [...path, 'provider'], offer.provider, catalog);
    }
    if ((offer.pool === undefined) === (offer.provider === undefined)) {
      const message = `the offer ${quoted(offer.name)} must have one of "pool" and "provider"`;
      yield diagnostic('HG3207', locate(source, [...path, 'name']), message);
    }
    if (offer.provider !== undefined && offer.price.input === 0 && offer.price.output === 0) {
      const message = `the offer ${quoted(offer.name)} of a provider costs nothing`;
      const hint = 'write what the provider asks per million tokens; `order: price` believes it';
      yield diagnostic('HG3313', locate(source, [...path, 'price'], 'key'), message, { hint });
    }
  }
}

/** A name that clients use means one model: `askable` holds the first that claims it. */
function* checkAliases(document: DocumentOf<'Model'>, catalog: Catalog): Generator<Diagnostic> {
  for (const [index, alias] of document.spec.aliases.entries()) {
    const span = locate(document.source, ['spec', 'aliases', index]);
    const owner = catalog.askable.get(alias);
    const here =
      owner?.span.file === span.file &&
      owner.span.start.line === span.start.line &&
      owner.span.start.column === span.start.column;
    if (owner === undefined || here) continue;
    const related = [{ message: `it already means the model ${quoted(owner.model)}`, span: owner.span }];
    yield diagnostic('HG3201', span, `the alias ${quoted(alias)} is taken`, {
      related,
      hint: 'remove it or rename it',
    });
  }
}
