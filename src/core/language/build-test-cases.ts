import { present } from '../base/assert.ts';
import type { TestCase, TestExpectation } from '../ir/test-case.ts';
import { originOf } from './build-origin.ts';
import type { DocumentOf } from './document.ts';

export function buildTestCases(document: DocumentOf<'Test'>): TestCase[] {
  return (document.spec.cases ?? []).map((item, index) => ({
    name: `${document.name}/${item.name}`,
    origin: originOf(document, ['spec', 'cases', index, 'name']),
    team: item.principal.team,
    request: item.request,
    load: item.load,
    expect: expectationOf(item.expect),
  }));
}

function expectationOf({
  offer,
  denied,
}: {
  offer?: string | undefined;
  denied?: string | undefined;
}): TestExpectation {
  if (offer !== undefined) return { kind: 'offer', offer };
  return { kind: 'denied', code: present(denied, 'expectation') };
}
