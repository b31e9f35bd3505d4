import { expect, test } from 'vitest';
import { fixtureIr, fixtureRevision, routeDocument } from '../../../test/support/revision-fixture.ts';
import { makePlan } from './make-plan.ts';
import type { PlanSide } from './plan-side.ts';
import { renderPlanMarkdown, renderPlanText } from './render-plan.ts';

const ALL = routeDocument('chat', 'match: { models: [ small ], teams: [ "*" ] }\n  targets: [ { offers: [ own ] } ]');

function sideOf(name: string, routes: readonly string[]): PlanSide {
  return { name, commit: name, ir: fixtureIr({ routes }), loaded: fixtureRevision({ routes }) };
}

function routeFor(name: string, value: string): string {
  const match = `match: { models: [ small ], teams: [ "*" ], headers: { x-tier: ${JSON.stringify(value)} } }`;
  return routeDocument(name, `${match}\n  targets: [ { offers: [ cloud ] } ]`);
}

test('what the author of a change wrote moves no cursor, begins no line and is no markup', () => {
  const hostile = routeFor('odd', 'a - ``` <b> @everyone ```');
  const approvers = { owners: ['@a\u001b[2J', '@b\u2028- `c`'], unowned: [] };
  const plan = makePlan(sideOf('base', [ALL]), sideOf('head', [ALL, hostile]), { approvers });
  const [text, markdown] = [renderPlanText(plan), renderPlanMarkdown(plan)];
  expect([...text, ...markdown].filter((letter) => /[\p{Cc}\p{Zl}]/u.test(letter) && letter !== '\n')).toEqual([]);
  const lines = markdown.split('\n').filter((line) => line.includes('@everyone'));
  expect(lines.filter((line) => !/^ *- (````) .* \1$/.test(line))).toEqual([]);
  expect(lines.length).toBeGreaterThan(1);
});

test('a comment shows the first lines of a long section, and how many there are', () => {
  const routes = Array.from({ length: 50 }, (_, index) => routeFor(`route-${index}`, `tier-${index}`));
  const plan = makePlan(sideOf('base', [ALL]), sideOf('head', [ALL, ...routes]), {});
  expect(renderPlanMarkdown(plan).match(/^- and \d+ more$/gm)).toEqual(['- and 10 more', '- and 60 more']);
  expect(renderPlanText(plan).match(/^ {2}\+ route /gm)?.length).toBe(50);
});
