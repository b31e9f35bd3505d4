import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { locate, type Path } from '../diagnostics/locate.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import { ANONYMOUS } from '../ir/identity.ts';
import { type Catalog, modelNamed } from './catalog.ts';
import { listedTwice } from './check-list.ts';
import { checkOffer } from './check-offer.ts';
import { checkName } from './check-reference.ts';
import type { DocumentOf } from './document.ts';

type Proof = NonNullable<DocumentOf<'Test'>['spec']['prove']>[number];
type Condition = NonNullable<Proof['never']>['offer'];
type Word = NonNullable<Condition['name']>;

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
  if ((proof.never === undefined) === (proof.always === undefined)) {
    const span = locate(document.source, path, 'key');
    yield diagnostic('HG3214', span, `the rule ${quoted(proof.name)} must say one of "never" and "always"`);
  }
  const { never, always } = proof;
  const conditions = [...conditionsIn('never', never ?? {}), ...conditionsIn('always', always ?? {})];
  if (always !== undefined && conditions.length === 0) {
    const span = locate(document.source, [...path, 'always'], 'key');
    const hint = 'say which try it is about: offer (any of them), first or last';
    yield diagnostic('HG3214', span, `the rule ${quoted(proof.name)} wants nothing`, { hint });
  }
  for (const [at, offer] of conditions) yield* checkCondition(document, [...path, ...at], proof.name, offer, catalog);
}

function conditionsIn(key: string, members: Readonly<Record<string, Condition | undefined>>): [Path, Condition][] {
  return Object.entries(members).flatMap(([member, offer]) => (offer === undefined ? [] : [[[key, member], offer]]));
}

function* checkCondition(
  document: DocumentOf<'Test'>,
  path: Path,
  rule: string,
  offer: Condition,
  catalog: Catalog,
): Generator<Diagnostic> {
  if (Object.keys(offer).length === 0) {
    const hint = 'say what the offer is: name, model, region, retention, provider or pool';
    yield diagnostic('HG3214', locate(document.source, path, 'key'), `the rule ${quoted(rule)} is about every offer`, {
      hint,
    });
  }
  for (const [key, kind] of [
    ['provider', 'Provider'],
    ['pool', 'Pool'],
    ['model', 'Model'],
  ] as const) {
    const word = offer[key];
    if (word === undefined) continue;
    yield* checkName(kind, document, [...path, key, ...below(word)], textOf(word), catalog);
  }
  if (offer.name === undefined) return;
  const models = typeof offer.model === 'string' ? [modelNamed(catalog, offer.model)] : catalog.claims.Model.keys();
  yield* checkOffer(document, [...path, 'name', ...below(offer.name)], textOf(offer.name), models, catalog);
}

function below(word: Word): Path {
  return typeof word === 'string' ? [] : ['not'];
}

function textOf(word: Word): string {
  return typeof word === 'string' ? word : word.not;
}
