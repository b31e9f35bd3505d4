import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { locate, type Path } from '../diagnostics/locate.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import { type Catalog, modelNamed } from './catalog.ts';
import { checkName } from './check-reference.ts';
import type { Document, DocumentOf } from './document.ts';
import { expiryMs } from './expiry.ts';

const DAY_MS = 86_400_000;

/** The days of models, what takes their place, and who still names those that are on their way out. */
export function* checkLifecycles(catalog: Catalog): Generator<Diagnostic> {
  const leaving = new Set<string>();
  for (const model of catalog.byKind.Model.values()) {
    yield* checkDays(model);
    yield* checkReplacement(model, catalog);
    if (catalog.nowMs === undefined) continue;
    const { deprecated, sunset } = model.spec.lifecycle ?? {};
    if (sunset !== undefined && (expiryMs(sunset) ?? Number.POSITIVE_INFINITY) <= catalog.nowMs) {
      yield pastSunset(model, sunset);
    } else if (
      deprecated !== undefined &&
      (expiryMs(deprecated) ?? Number.POSITIVE_INFINITY) - DAY_MS <= catalog.nowMs
    ) {
      leaving.add(model.name);
    }
  }
  if (leaving.size > 0) yield* checkUses(leaving, catalog);
}

function* checkDays(model: DocumentOf<'Model'>): Generator<Diagnostic> {
  const { deprecated, sunset } = model.spec.lifecycle ?? {};
  for (const [field, day] of Object.entries({ deprecated, sunset })) {
    if (day === undefined || expiryMs(day) !== undefined) continue;
    const span = locate(model.source, ['spec', 'lifecycle', field]);
    yield diagnostic('HG3210', span, `${quoted(day)} is no day of any calendar`, {
      hint: 'write a day such as 2027-06-30',
    });
  }
  const [from, until] = [expiryMs(deprecated ?? ''), expiryMs(sunset ?? '')];
  if (from === undefined || until === undefined || from <= until) return;
  const related = [
    { message: 'it is deprecated from this day on', span: locate(model.source, ['spec', 'lifecycle', 'deprecated']) },
  ];
  const span = locate(model.source, ['spec', 'lifecycle', 'sunset']);
  const message = 'the model is gone before it is deprecated';
  yield diagnostic('HG3221', span, message, { related, hint: 'swap the two days' });
}

/** The replacement exists, and following replacements comes to an end. */
function* checkReplacement(model: DocumentOf<'Model'>, catalog: Catalog): Generator<Diagnostic> {
  const path = ['spec', 'lifecycle', 'replacement'];
  const { replacement } = model.spec.lifecycle ?? {};
  if (replacement === undefined) return;
  yield* checkName('Model', model, path, replacement, catalog);
  const passed = [model.name];
  for (let next: string | undefined = replacement; next !== undefined; ) {
    const name = modelNamed(catalog, next);
    if (name === model.name) {
      const way = [...passed, name].map(quoted).join(' → ');
      const hint = 'name a model that stays';
      yield diagnostic('HG3220', locate(model.source, path), `the replacements lead back: ${way}`, { hint });
      return;
    }
    // A circle further on is told at the models that are on it.
    if (passed.includes(name)) return;
    passed.push(name);
    next = catalog.byKind.Model.get(name)?.spec.lifecycle?.replacement;
  }
}

function pastSunset(model: DocumentOf<'Model'>, sunset: string): Diagnostic {
  const span = locate(model.source, ['spec', 'lifecycle', 'sunset']);
  const message = `the providers of ${quoted(model.name)} served it until ${sunset}`;
  return diagnostic('HG3311', span, message, { hint: instead(model, 'remove the model') });
}

/** Where a route or a team names one of the models. */
function* checkUses(leaving: ReadonlySet<string>, catalog: Catalog): Generator<Diagnostic> {
  for (const team of catalog.byKind.Team.values()) {
    for (const [index, name] of team.spec.models.entries()) {
      yield* checkUse(team, ['spec', 'models', index], name, leaving, catalog);
    }
  }
  for (const route of catalog.byKind.Route.values()) {
    for (const [index, name] of route.spec.match.models.entries()) {
      yield* checkUse(route, ['spec', 'match', 'models', index], name, leaving, catalog);
    }
    for (const [index, tier] of route.spec.targets.entries()) {
      const at = ['spec', 'targets', index];
      if (tier.model !== undefined) yield* checkUse(route, [...at, 'model'], tier.model, leaving, catalog);
      for (const [number, arm] of (tier.split ?? []).entries()) {
        yield* checkUse(route, [...at, 'split', number, 'model'], arm.model, leaving, catalog);
      }
    }
  }
}

function* checkUse(
  document: Document,
  path: Path,
  name: string,
  leaving: ReadonlySet<string>,
  catalog: Catalog,
): Generator<Diagnostic> {
  const model = catalog.byKind.Model.get(modelNamed(catalog, name));
  if (model === undefined || !leaving.has(model.name)) return;
  const { deprecated = '', sunset } = model.spec.lifecycle ?? {};
  const related = [
    { message: `deprecated since ${deprecated}`, span: locate(model.source, ['spec', 'lifecycle', 'deprecated']) },
  ];
  const end = sunset === undefined ? '' : `, and gone after ${sunset}`;
  const message = `the model ${quoted(model.name)} is deprecated${end}`;
  yield diagnostic('HG3312', locate(document.source, path), message, {
    related,
    hint: instead(model, 'use another one'),
  });
}

function instead(model: DocumentOf<'Model'>, otherwise: string): string {
  const { replacement } = model.spec.lifecycle ?? {};
  return replacement === undefined ? otherwise : `use ${quoted(replacement)} in its place`;
}
