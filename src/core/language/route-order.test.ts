import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ANONYMOUS } from '../ir/identity.ts';
import type { RouteMatch } from '../ir/route.ts';
import { compileTree } from './compile-tree.ts';
import { precedence } from './route-precedence.ts';

const MODELS = ['m1', 'm2'];

/** Few routes, many trees: what two routes do to each other is seldom seen behind a third. */
const RUNS = { numRuns: 400 };
const ROUTES = { minLength: 2, maxLength: 4 };
const TEAMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  red: { residency: 'eu', tier: 'gold' },
  blue: { residency: 'eu' },
  green: {},
};

interface Request {
  readonly model: string;
  readonly team: string;
  readonly headers: Readonly<Record<string, string>>;
}

const HEADER_VALUES = ['', '1', '2'];

/** Every request that can be told apart by these routes: a header is absent, or has one of the values. */
const REQUESTS: readonly Request[] = MODELS.flatMap((model) =>
  [...Object.keys(TEAMS), ANONYMOUS].flatMap((team) =>
    HEADER_VALUES.flatMap((a) =>
      HEADER_VALUES.map((b) => ({ model, team, headers: withoutEmpty({ 'x-a': a, 'x-b': b }) })),
    ),
  ),
);

function withoutEmpty(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}

/** The meaning of a match, said once more and as plainly as can be. */
function takes(match: RouteMatch, request: Request): boolean {
  const team = match.teams === '*' ? request.team !== ANONYMOUS : match.teams.includes(request.team);
  const labels = TEAMS[request.team] ?? {};
  return (
    team &&
    (match.models === '*' || match.models.includes(request.model)) &&
    Object.entries(match.labels).every(([key, value]) => labels[key] === value) &&
    Object.entries(match.headers).every(([key, value]) => request.headers[key] === value)
  );
}

const someOf = (names: readonly string[]) => fc.subarray([...names], { minLength: 1 });

/** Some of the conditions given; an empty value stands for none. */
function conditions(values: Readonly<Record<string, readonly string[]>>): fc.Arbitrary<Record<string, string>> {
  const options = Object.entries(values).map(([key, texts]) => [key, fc.constantFrom('', '', ...texts)] as const);
  return fc.record(Object.fromEntries(options)).map(withoutEmpty);
}

const someMatch: fc.Arbitrary<RouteMatch> = fc.record<RouteMatch>({
  models: fc.oneof(fc.constant('*' as const), someOf(MODELS)),
  teams: fc.oneof(fc.constant('*' as const), someOf([...Object.keys(TEAMS), ANONYMOUS])),
  labels: conditions({ residency: ['eu', 'us'], tier: ['gold'] }),
  headers: conditions({ 'x-a': ['1', '2'], 'x-b': ['1'] }),
});

function compile(matches: readonly RouteMatch[]) {
  const envelope = (kind: string, name: string, more: object) =>
    JSON.stringify({ apiVersion: 'headgate.dev/v1', kind, metadata: { name }, ...more });
  const offers = [{ name: 'own', pool: 'p', upstreamModel: 'x', price: { input: 1, output: 1 } }];
  const documents = [
    envelope('Pool', 'p', { spec: { engine: 'vllm', endpoints: { static: ['10.0.0.1:80'] } } }),
    ...MODELS.map((name) => envelope('Model', name, { spec: { context: 1000, offers } })),
    ...Object.entries(TEAMS).map(([name, labels]) =>
      envelope('Team', name, { metadata: { name, labels }, spec: { models: ['*'] } }),
    ),
    ...matches.map(({ models, teams, labels, headers }, index) => {
      const match = { models: listed(models), teams: listed(teams), labels, headers };
      return envelope('Route', `r${index}`, { spec: { match, targets: [{}] } });
    }),
  ];
  return compileTree([{ path: 'all.yaml', text: documents.join('\n---\n') }], undefined, () => []);
}

function listed(names: readonly string[] | '*'): readonly string[] {
  return names === '*' ? ['*'] : names;
}

test('a tie is told exactly where some request is taken by two routes of which neither comes first', () => {
  fc.assert(
    fc.property(fc.array(someMatch, ROUTES), (matches) => {
      const tied = matches.some((left, index) =>
        matches.slice(0, index).some((right) => {
          const shared = REQUESTS.some((request) => takes(left, request) && takes(right, request));
          return shared && precedence(left, right) === 'tie';
        }),
      );
      const told = compile(matches).diagnostics.some((item) => item.code === 'HG3301');
      expect(told).toBe(tied);
    }),
    RUNS,
  );
});

test('the first route of the model that takes a request is the one that precedence names', () => {
  fc.assert(
    fc.property(fc.array(someMatch, ROUTES), (matches) => {
      const { ir } = compile(matches);
      fc.pre(ir !== undefined);
      const wrong = REQUESTS.filter((request) => {
        const taking = ir.routes.filter((route) => takes(route.match, request));
        const [first, ...others] = taking;
        return first !== undefined && others.some((other) => precedence(first.match, other.match) !== 'left');
      });
      expect(wrong).toEqual([]);
    }),
    RUNS,
  );
});

test('a route is told to never win exactly where it wins no request', () => {
  fc.assert(
    fc.property(fc.array(someMatch, ROUTES), (matches) => {
      const { ir, diagnostics } = compile(matches);
      fc.pre(ir !== undefined);
      const winners = new Set(REQUESTS.map((request) => ir.routes.find((route) => takes(route.match, request))?.name));
      const dead = ir.routes.map((route) => route.name).filter((name) => !winners.has(name));
      const told = diagnostics
        .filter((item) => item.code === 'HG3302')
        .map((item) => /"(r\d)"/.exec(item.message)?.[1]);
      expect(told.toSorted()).toEqual(dead.toSorted());
    }),
    RUNS,
  );
});
