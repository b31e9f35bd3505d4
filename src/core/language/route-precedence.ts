import { byCodeUnit } from '../base/text-order.ts';
import type { Route, RouteMatch } from '../ir/route.ts';

type Conditions = Readonly<Record<string, string>>;

/**
 * Which of two routes takes a request that both match. Dimensions in a fixed order: model, team, labels, headers. In
 * each, exact comes before `*`; among labels, as among headers, the route with all conditions of the other and more
 * comes first. `tie` where neither does: the language refuses that, because no order of the two would be plain to see.
 */
export function precedence(left: RouteMatch, right: RouteMatch): 'left' | 'right' | 'tie' {
  const model = exactness(right.models) - exactness(left.models);
  if (model !== 0) return model < 0 ? 'left' : 'right';
  const team = exactness(right.teams) - exactness(left.teams);
  if (team !== 0) return team < 0 ? 'left' : 'right';
  const labels = moreConditions(left.labels, right.labels);
  return labels === 'same' ? asWinner(moreConditions(left.headers, right.headers)) : asWinner(labels);
}

/** Most specific first. Where no two routes tie, the first that matches a request is the one that `precedence` names. */
export function mostSpecificFirst(routes: readonly Route[]): Route[] {
  return [...routes].sort((left, right) => {
    const [a, b] = [left.match, right.match];
    return (
      exactness(b.models) - exactness(a.models) ||
      exactness(b.teams) - exactness(a.teams) ||
      Object.keys(b.labels).length - Object.keys(a.labels).length ||
      Object.keys(b.headers).length - Object.keys(a.headers).length ||
      byCodeUnit(left.name, right.name)
    );
  });
}

/** Whether no value that one demands is excluded by the other. */
export function compatible(left: Conditions, right: Conditions): boolean {
  return Object.entries(left).every(([key, value]) => !Object.hasOwn(right, key) || right[key] === value);
}

/** Whether everything that `fewer` demands is demanded by `more`. */
export function implied(fewer: Conditions, more: Conditions): boolean {
  return Object.entries(fewer).every(([key, value]) => Object.hasOwn(more, key) && more[key] === value);
}

function exactness(names: readonly string[] | '*'): number {
  return names === '*' ? 0 : 1;
}

function moreConditions(left: Conditions, right: Conditions): 'left' | 'right' | 'same' | 'neither' {
  const leftHasAll = Object.keys(right).every((key) => Object.hasOwn(left, key));
  const rightHasAll = Object.keys(left).every((key) => Object.hasOwn(right, key));
  if (leftHasAll && rightHasAll) return 'same';
  if (leftHasAll) return 'left';
  return rightHasAll ? 'right' : 'neither';
}

function asWinner(order: 'left' | 'right' | 'same' | 'neither'): 'left' | 'right' | 'tie' {
  return order === 'left' || order === 'right' ? order : 'tie';
}
