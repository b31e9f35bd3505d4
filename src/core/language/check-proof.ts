import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { locate, type Path } from '../diagnostics/locate.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import { ANONYMOUS } from '../ir/identity.ts';
import type { Catalog } from './catalog.ts';
import { listedTwice } from './check-list.ts';
import { checkName } from './check-reference.ts';
import type { DocumentOf } from './document.ts';

type Proof = NonNullable<DocumentOf<'Test'>['spec']['prove']>[number];

/** What the rules of a Test document name must be there, and each must forbid something. */
export function* checkProofs(document: DocumentOf<'Test'>, catalog: Catalog): Generator<Diagnostic> {
  const proofs = document.spec.prove ?? [];
  const names = proofs.map((item) => item.name);
  yield* listedTwice(document, ['spec', 'prove'], names, (index) => [index, 'name']);
  for (const [index, proof] of proofs.entries()) yield* checkProof(document, ['spec', 'prove', index], proof, catalog);
}

function* checkProof(document: DocumentOf<'Test'>, path: Path, proof: Proof, catalog: Catalog): Generator<Diagnostic> {
  const { team, model } = proof.for;
  if (team?.name !== undefined && team.name !== ANONYMOUS) {
    yield* checkName('Team', document, [...path, 'for', 'team', 'name'], team.name, catalog);
  }
  if (model !== undefined) yield* checkName('Model', document, [...path, 'for', 'model'], model, catalog);
  const { offer } = proof.never;
  if (Object.keys(offer).length === 0) {
    const span = locate(document.source, [...path, 'never', 'offer'], 'key');
    const hint = 'say what the offer is: region, retention, provider or pool';
    yield diagnostic('HG3214', span, `the rule ${quoted(proof.name)} forbids every offer`, { hint });
  }
  for (const [key, kind] of [
    ['provider', 'Provider'],
    ['pool', 'Pool'],
  ] as const) {
    const word = offer[key];
    if (word === undefined) continue;
    const at = [...path, 'never', 'offer', key, ...(typeof word === 'string' ? [] : ['not'])];
    yield* checkName(kind, document, at, typeof word === 'string' ? word : word.not, catalog);
  }
}
