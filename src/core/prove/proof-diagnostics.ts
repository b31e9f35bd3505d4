import { present } from '../base/assert.ts';
import type { LoadedRevision } from '../decide/loaded-revision.ts';
import { type Diagnostic, diagnostic, type Span } from '../diagnostics/diagnostic.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import type { Ir } from '../ir/ir.ts';
import type { Origin } from '../ir/origin.ts';
import type { OfferCondition, Proof } from '../ir/proof.ts';
import type { PolicyIndex } from '../policy/policy-index.ts';
import { prove, type Witness } from './prove.ts';
import { witnessText } from './witness-text.ts';

/** The `prove` rules of a revision that do not hold, each with a witness, and those that are about nobody. */
export function proofDiagnostics(ir: Ir, loaded: LoadedRevision, index: PolicyIndex): Diagnostic[] {
  return ir.proofs.flatMap((proof) => diagnosticsOf(ir, loaded, index, proof));
}

function diagnosticsOf(ir: Ir, loaded: LoadedRevision, index: PolicyIndex, proof: Proof): Diagnostic[] {
  const outcome = prove(loaded, index, proof);
  switch (outcome.kind) {
    case 'proved':
      return [];
    case 'vacuous':
      return [aboutNobody(proof)];
    case 'refuted':
    case 'unknown':
      return [notProved(ir, loaded, proof, outcome.witness)];
  }
}

function aboutNobody(proof: Proof): Diagnostic {
  const message = `the rule ${quoted(proof.name)} is about no team of this tree, so it says nothing`;
  return diagnostic('HG5202', spanOf(proof.origin), message, { hint: 'name a team, or labels that a team carries' });
}

function notProved(ir: Ir, { revision }: LoadedRevision, proof: Proof, witness: Witness): Diagnostic {
  const { route, place, reached } = witness;
  const offer = present(revision.offers.get(place.offer), 'the offer of a witness');
  const what = witnessText(witness, offer, proof.never);
  const message =
    reached === undefined
      ? `the rule ${quoted(proof.name)} is not proved: there are too many ways to look whether ${what}`
      : `the rule ${quoted(proof.name)} does not hold: ${what}`;
  const written = ir.routes.find(({ name }) => name === route.name);
  const model = ir.models.find(({ name }) => name === offer.model);
  const places = [
    [`tier ${place.tier + 1} of the route ${quoted(route.name)} holds it`, written?.tiers[place.tier]?.origin],
    ['the offer is here', model?.offers.find(({ name }) => name === offer.name)?.origin],
  ] as const;
  const related = places.flatMap(([text, at]) => (at === undefined ? [] : [{ message: text, span: spanOf(at) }]));
  return diagnostic('HG5201', spanOf(proof.origin), message, { related, hint: fixOf(proof.never) });
}

function fixOf({ region, retention }: OfferCondition): string {
  const start = 'give these requests a Route of their own';
  if (region !== undefined && 'not' in region) return `${start} with \`require: { regions: [ ${region.not} ] }\``;
  if (retention !== undefined && 'not' in retention) {
    return `${start} with \`require: { retention: ${retention.not} }\``;
  }
  return `${start} whose tiers do not hold this offer`;
}

function spanOf({ file, line, column }: Origin): Span {
  return { file, start: { line, column }, end: { line, column: column + 1 } };
}
