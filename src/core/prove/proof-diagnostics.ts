import { present } from '../base/assert.ts';
import type { LoadedRevision } from '../decide/loaded-revision.ts';
import type { Revision } from '../decide/revision.ts';
import { type Diagnostic, diagnostic, type Span } from '../diagnostics/diagnostic.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import type { Ir } from '../ir/ir.ts';
import type { Origin } from '../ir/origin.ts';
import type { OfferCondition, Proof } from '../ir/proof.ts';
import type { PolicyIndex } from '../policy/policy-index.ts';
import { prove, type Witness } from './prove.ts';
import type { ShortWitness } from './prove-always.ts';
import type { ReachWitness } from './prove-never.ts';
import { reachText, shortText } from './witness-text.ts';

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
      return [aboutNobody(proof, outcome.missing)];
    case 'refuted':
    case 'unknown':
      return [notProved(ir, loaded, proof, outcome.witness)];
  }
}

function aboutNobody(proof: Proof, missing: 'team' | 'request'): Diagnostic {
  const [what, hint] = {
    team: ['team of this tree', 'name a team, or labels that a team carries'],
    request: ['request that a route of this tree serves', 'name callers, a model or headers that a route serves'],
  }[missing];
  const message = `the rule ${quoted(proof.name)} is about no ${what}, so it says nothing`;
  return diagnostic('HG5202', spanOf(proof.origin), message, { hint });
}

function notProved(ir: Ir, { revision }: LoadedRevision, proof: Proof, witness: Witness): Diagnostic {
  const { what, isKnown, related, hint } =
    witness.about === 'never' ? reached(ir, revision, proof, witness) : fellShort(ir, revision, witness);
  const message = isKnown
    ? `the rule ${quoted(proof.name)} does not hold: ${what}`
    : `the rule ${quoted(proof.name)} is not proved: there are too many ways to look whether ${what}`;
  const places = related.flatMap(([text, at]) => (at === undefined ? [] : [{ message: text, span: spanOf(at) }]));
  return diagnostic('HG5201', spanOf(proof.origin), message, { related: places, hint });
}

/** A witness in words. */
interface Told {
  readonly what: string;
  readonly isKnown: boolean;
  readonly related: readonly (readonly [string, Origin | undefined])[];
  readonly hint: string;
}

function reached(ir: Ir, revision: Revision, { rule }: Proof, witness: ReachWitness): Told {
  const { route, place } = witness;
  const never = rule.kind === 'never' ? rule.offer : {};
  const offer = present(revision.offers.get(place.offer), 'the offer of a witness');
  const written = ir.routes.find(({ name }) => name === route.name);
  const model = ir.models.find(({ name }) => name === offer.model);
  return {
    what: reachText(witness, offer, never),
    isKnown: witness.reached !== undefined,
    related: [
      [`tier ${place.tier + 1} of the route ${quoted(route.name)} holds it`, written?.tiers[place.tier]?.origin],
      ['the offer is here', model?.offers.find(({ name }) => name === offer.name)?.origin],
    ],
    hint: fixOf(never),
  };
}

function fellShort(ir: Ir, revision: Revision, witness: ShortWitness): Told {
  const { route, found } = witness;
  const written = ir.routes.find(({ name }) => name === route?.name);
  return {
    what: shortText(witness, revision),
    isKnown: found !== undefined,
    related: [[`the route ${quoted(route?.name ?? '')} takes it`, written?.origin]],
    hint: remedyOf(found),
  };
}

function remedyOf(found: ShortWitness['found']): string {
  if (found?.kind === 'refused') return 'let the team use the model, and give it a Route that takes it';
  if (found?.isForbidden) return 'want what every offer of the route is, or let no policy with `route` rules judge it';
  return 'give the route such an offer of a provider, within its attempts: engines can all be down';
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
