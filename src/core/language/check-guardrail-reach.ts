import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { locate } from '../diagnostics/locate.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import { ANONYMOUS } from '../ir/identity.ts';
import type { Catalog } from './catalog.ts';
import type { DocumentOf } from './document.ts';
import type { RouteCells } from './route-cells.ts';

/** Guardrails that judge nothing: no route that they stand on takes a request of a team that they are about. */
export function* checkGuardrailReach(catalog: Catalog, cells: RouteCells): Generator<Diagnostic> {
  const byName = new Map(cells.routes.map((route) => [route.document.name, route]));
  for (const guardrail of catalog.byKind.Guardrail.values()) {
    const { routes, teams } = guardrail.spec.scope;
    const about = new Set(teams.includes('*') ? [...cells.teams.keys(), ANONYMOUS] : teams);
    const taking = routes === undefined ? cells.routes : routes.flatMap((name) => byName.get(name) ?? []);
    if (taking.length === 0 || taking.some((route) => route.teams.some((team) => about.has(team)))) continue;
    yield unreached(guardrail);
  }
}

function unreached(guardrail: DocumentOf<'Guardrail'>): Diagnostic {
  const span = locate(guardrail.source, ['spec', 'scope'], 'key');
  const message = `the guardrail ${quoted(guardrail.name)} judges nothing: its routes take no request of its teams`;
  return diagnostic('HG3314', span, message, { hint: 'name a route that takes these teams, or other teams' });
}
