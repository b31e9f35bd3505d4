import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { locate } from '../diagnostics/locate.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import { modelsOf, type ReachingRoute, type RouteCells } from './route-cells.ts';
import { compatible, precedence } from './route-precedence.ts';

/**
 * Two routes that can take the same request, neither more specific than the other, with a request that shows it. Only
 * routes of one bucket can tie: in another one they differ in exactness of model or team, or share no request.
 */
export function* checkRouteTies(cells: RouteCells): Generator<Diagnostic> {
  const told = new Set<ReachingRoute>();
  for (const [key, bucket] of cells.buckets) {
    const [model = '*', team = '*'] = key.split('\0');
    for (const [index, route] of bucket.entries()) {
      if (told.has(route)) continue;
      const found = firstTie(route, bucket.slice(0, index), model, team, cells);
      if (found === undefined) continue;
      told.add(route);
      yield tie(route, found.other, found.witness);
    }
  }
}

interface Tie {
  readonly other: ReachingRoute;
  readonly witness: string;
}

function firstTie(
  route: ReachingRoute,
  others: readonly ReachingRoute[],
  model: string,
  team: string,
  cells: RouteCells,
): Tie | undefined {
  for (const other of others) {
    if (!compatible(route.match.headers, other.match.headers)) continue;
    if (precedence(route.match, other.match) !== 'tie') continue;
    const witness = witnessOf(route, other, model, team, cells);
    if (witness !== undefined) return { other, witness };
  }
  return undefined;
}

/** The first request, in the order of names, that both take; undefined where the two share none. */
function witnessOf(
  route: ReachingRoute,
  other: ReachingRoute,
  model: string,
  team: string,
  cells: RouteCells,
): string | undefined {
  const asked = model === '*' ? modelsOf(route, cells)[0] : model;
  const both = new Set(other.teams);
  const caller = route.teams.find((name) => both.has(name) && (team === '*' || name === team));
  if (asked === undefined || caller === undefined) return undefined;
  const headers = Object.entries({ ...route.match.headers, ...other.match.headers }).sort();
  return [
    `model ${quoted(asked)}`,
    `team ${quoted(caller)}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ].join(', ');
}

function tie(route: ReachingRoute, other: ReachingRoute, witness: string): Diagnostic {
  const message = `the routes ${quoted(other.document.name)} and ${quoted(route.document.name)} both take ${witness}`;
  const span = locate(route.document.source, ['spec', 'match'], 'key');
  const related = [
    {
      message: 'neither is more specific than this one',
      span: locate(other.document.source, ['spec', 'match'], 'key'),
    },
  ];
  const hint = 'let one of them ask for more: a model, a team, a label or a header that the other does not name';
  return diagnostic('HG3301', span, message, { related, hint });
}
