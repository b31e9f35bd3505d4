import type { DecisionRecord, FiredRule } from '../../core/decide/record.ts';
import type { Origin } from '../../core/ir/origin.ts';
import { type Rerun, rerunRecord } from '../../core/plan/rerun-record.ts';
import { loadBundleForDecisions } from '../decider/load-bundle.ts';
import type { Bundle } from '../revision/bundle.ts';
import type { DecidingPlace, ExplainedRecord } from './explained-record.ts';
import { recordLines, rerunLine } from './record-lines.ts';

/** Where the parts of an explanation come from. */
export interface ExplainSources {
  readonly record: (id: string) => DecisionRecord | undefined;
  readonly bundle: (digest: DecisionRecord['digest']) => Promise<Bundle | undefined>;
  /** Who wrote a line, as of a commit; undefined when the repository does not say. */
  readonly blame: (
    commit: string,
    path: string,
    line: number,
  ) => Promise<{ commit: string; author: string } | undefined>;
}

/**
 * Why a request was decided as it was: its record, and the places of the tree that made it so. `isRerun` decides it again.
 */
export async function explainRecord(
  id: string,
  sources: ExplainSources,
  isRerun = false,
): Promise<ExplainedRecord | undefined> {
  const record = sources.record(id);
  if (record === undefined) return undefined;
  const bundle = await sources.bundle(record.digest);
  const places: DecidingPlace[] = [];
  if (bundle !== undefined) {
    for (const place of decidingPlaces(record, bundle)) {
      // Lines are those of the bundle's commit: the record's may mean the same and have them elsewhere.
      const lastChange = await sources.blame(bundle.commit, place.origin.file, place.origin.line);
      places.push(lastChange === undefined ? place : { ...place, lastChange });
    }
  }
  const rerun = isRerun ? await rerunBy(bundle, record) : undefined;
  const lines = [...recordLines(record, places), ...(rerun === undefined ? [] : [rerunLine(rerun)])];
  return { record, places, ...(rerun === undefined ? {} : { rerun }), lines };
}

async function rerunBy(bundle: Bundle | undefined, record: DecisionRecord): Promise<Rerun> {
  if (bundle === undefined) return { kind: 'incomplete', missing: [`the revision ${record.digest}`] };
  return rerunRecord(await loadBundleForDecisions(bundle), record);
}

function decidingPlaces(record: DecisionRecord, bundle: Bundle): DecidingPlace[] {
  const { ir } = bundle;
  const places: DecidingPlace[] = [];
  const add = (what: string, found: { readonly origin: Origin } | undefined): void => {
    if (found !== undefined) places.push({ what, origin: found.origin });
  };
  if (record.principal?.key !== undefined)
    add(`key ${record.principal.key}`, ir.keys.find(named(record.principal.key)));
  if (record.route !== undefined) add(`route ${record.route}`, ir.routes.find(named(record.route)));
  const offer = record.outcome?.served?.offer ?? record.attempts[0]?.offer;
  if (offer !== undefined) {
    const [model, name] = offer.split('/');
    add(`offer ${offer}`, ir.models.find(named(model))?.offers.find(named(name)));
  }
  for (const fired of record.policies) {
    add(`guardrail ${fired.guardrail}`, ir.guardrails.find(named(fired.guardrail)));
    places.push(...rulePlaces(fired, bundle));
  }
  return places;
}

function rulePlaces(fired: FiredRule, bundle: Bundle): DecidingPlace[] {
  const known = bundle.policyIndex.guardrails[fired.guardrail]?.places ?? [];
  const rules = known.filter((place) => place.name === fired.rule);
  // A code that is written in one rule names it; one that is computed may come from each rule of that name.
  const exact = rules.filter((place) => place.codes.includes(fired.code));
  return (exact.length > 0 ? exact : rules).map((place) => ({
    what: `rule ${fired.rule} (${fired.code})`,
    origin: { file: place.path, line: place.line, column: 1 },
  }));
}

function named(name: string | undefined): (node: { readonly name: string }) => boolean {
  return (node) => node.name === name;
}
