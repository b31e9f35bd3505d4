import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { locate, type Path } from '../diagnostics/locate.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import type { RouteNeighbours } from './catalog.ts';
import type { DocumentOf } from './document.ts';
import { armsOf, askedModels } from './route-offers.ts';

type Model = DocumentOf<'Model'>;

/** What the first tier and the asked model let callers count on. */
interface Base {
  readonly asked: Model;
  readonly capabilities: ReadonlySet<string>;
  readonly context: number;
}

/**
 * Tiers that serve another model than the one asked for: requests which need what that model cannot do are not sent to
 * it, so the tier is no failover for them.
 */
export function* checkSubstitutes(route: DocumentOf<'Route'>, catalog: RouteNeighbours): Generator<Diagnostic> {
  const tiers = route.spec.targets.map((tier, index) => armsOf(tier, index, catalog));
  if (tiers.every((arms) => arms.every((arm) => arm.model === undefined))) return;
  const asked = askedModels(route, catalog);
  const first = (tiers[0] ?? []).map((arm) => arm.model);
  for (const [index, arms] of tiers.entries()) {
    const bases = asked.map((model) =>
      index === 0 ? baseOf(model, []) : baseOf(model, modelsOf(first, model, catalog)),
    );
    for (const arm of arms) {
      const model = catalog.byKind.Model.get(arm.model ?? '');
      if (model !== undefined) yield* checkSubstitute(route, [...arm.path, 'model'], model, bases);
    }
  }
}

function modelsOf(names: readonly (string | undefined)[], asked: Model, catalog: RouteNeighbours): Model[] {
  return names.flatMap((name) => (name === undefined ? asked : (catalog.byKind.Model.get(name) ?? [])));
}

function baseOf(asked: Model, first: readonly Model[]): Base {
  const shared = (first[0]?.spec.capabilities ?? []).filter((word) =>
    first.every((model) => model.spec.capabilities.includes(word)),
  );
  const contexts = first.map((model) => model.spec.context);
  const context = Math.max(asked.spec.context, contexts.length === 0 ? 0 : Math.min(...contexts));
  return { asked, capabilities: new Set([...asked.spec.capabilities, ...shared]), context };
}

function* checkSubstitute(
  route: DocumentOf<'Route'>,
  path: Path,
  model: Model,
  bases: readonly Base[],
): Generator<Diagnostic> {
  const span = locate(route.source, path);
  const others = bases.filter((base) => base.asked.name !== model.name);
  const lacking = others.find((base) => missing(base, model).length > 0);
  if (lacking !== undefined) {
    const words = missing(lacking, model).join(', ');
    const message = `requests for ${quoted(lacking.asked.name)} may need ${words}, which ${quoted(model.name)} lacks`;
    const related = [{ message: 'its capabilities', span: locate(model.source, ['spec', 'capabilities'], 'key') }];
    const hint = 'choose a model that has it, or add the capability where the model has it';
    yield diagnostic('HG3304', span, message, { related, hint });
  }
  const longer = others.toSorted((left, right) => right.context - left.context)[0];
  if (longer === undefined || longer.context <= model.spec.context) return;
  const message = `requests for ${quoted(longer.asked.name)} of up to ${longer.context} tokens come here, and ${quoted(model.name)} takes ${model.spec.context}`;
  const related = [{ message: 'its context', span: locate(model.source, ['spec', 'context']) }];
  yield diagnostic('HG3305', span, message, { related, hint: 'choose a model with as long a context' });
}

function missing(base: Base, model: Model): string[] {
  return [...base.capabilities].filter((word) => !model.spec.capabilities.includes(word as 'tools')).sort();
}
