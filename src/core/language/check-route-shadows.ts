import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { locate } from '../diagnostics/locate.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import { modelsOf, type ReachingRoute, type RouteCells, routesInCell } from './route-cells.ts';
import { implied, precedence } from './route-precedence.ts';

/** Shadowing routes that are shown; more would hide the message. */
const SHADOWS_SHOWN_MAX = 3;

/** Routes that no request can reach: in every cell another one comes first, or there is no cell at all. */
export function* checkRouteShadows(cells: RouteCells): Generator<Diagnostic> {
  for (const route of cells.routes) {
    const span = locate(route.document.source, ['spec', 'match'], 'key');
    const name = quoted(route.document.name);
    if (cells.models.length > 0 && route.teams.length === 0) {
      const hint = 'remove the route, or let a team carry the labels';
      yield diagnostic('HG3302', span, `no team is taken by the route ${name}`, { hint });
      continue;
    }
    const shadows = shadowsOf(route, cells);
    if (shadows === undefined || shadows.length === 0) continue;
    const related = shadows.slice(0, SHADOWS_SHOWN_MAX).map((other) => ({
      message: `the route ${quoted(other.document.name)} comes first`,
      span: locate(other.document.source, ['spec', 'match'], 'key'),
    }));
    const message = `the route ${name} never wins: every request it takes is taken by a more specific one`;
    yield diagnostic('HG3302', span, message, { related, hint: 'remove the route, or one that comes first' });
  }
}

/** The routes that together take everything from this one; undefined where something is left. */
function shadowsOf(route: ReachingRoute, cells: RouteCells): ReachingRoute[] | undefined {
  const shadows = new Set<ReachingRoute>();
  const teams = route.teams;
  for (const model of modelsOf(route, cells)) {
    for (const team of teams) {
      const shadow = routesInCell(cells, model, team).find((other) => takesAll(other, route));
      if (shadow === undefined) return undefined;
      shadows.add(shadow);
    }
  }
  return [...shadows];
}

/** Within a cell: no header keeps a request of the route from the other one, which comes first. */
function takesAll(other: ReachingRoute, route: ReachingRoute): boolean {
  const first = other !== route && implied(other.match.headers, route.match.headers);
  return first && precedence(other.match, route.match) === 'left';
}
