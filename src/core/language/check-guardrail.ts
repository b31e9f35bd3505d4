import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import type { Catalog } from './catalog.ts';
import { listedTwice, starBesideNames } from './check-list.ts';
import { checkName, checkReference, checkTeams } from './check-reference.ts';
import type { SourceText } from './decode-text.ts';
import type { DocumentOf } from './document.ts';
import { BUILT_IN_PREFIX, packageOf } from './rego-packages.ts';

export function* checkGuardrail(document: DocumentOf<'Guardrail'>, catalog: Catalog): Generator<Diagnostic> {
  const { spec } = document;
  if (catalog.complete && !spec.package.startsWith(BUILT_IN_PREFIX)) {
    yield* checkReference('HG3106', document, ['spec', 'package'], spec.package, catalog.packages);
  }
  const { routes = [], teams } = spec.scope;
  for (const [index, name] of routes.entries()) {
    yield* checkName('Route', document, ['spec', 'scope', 'routes', index], name, catalog);
  }
  yield* checkTeams(document, ['spec', 'scope', 'teams'], teams, catalog);
  yield* starBesideNames(document, ['spec', 'scope', 'teams'], teams);
  yield* listedTwice(document, ['spec', 'scope', 'routes'], routes);
  yield* listedTwice(document, ['spec', 'scope', 'teams'], teams);
  yield* listedTwice(document, ['spec', 'stages'], spec.stages);
  yield* listedTwice(document, ['spec', 'detectors'], spec.detectors);
}

/** A policy of the tree, tests included, cannot add to the packages that come with the product. */
export function* checkPolicy(policy: SourceText): Generator<Diagnostic> {
  const found = packageOf(policy);
  if (found === undefined || !`${found.name}.`.startsWith(BUILT_IN_PREFIX)) return;
  const message = `the package ${quoted(found.name)} belongs to the product`;
  yield diagnostic('HG3211', found.span, message, { hint: 'choose a package outside headgate' });
}
