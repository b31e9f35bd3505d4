import { present } from '../base/assert.ts';
import { durationMs } from '../base/duration.ts';
import type { TestCase, TestDetails, TestExpectation } from '../ir/test-case.ts';
import { originOf } from './build-origin.ts';
import { retryWordsOf } from './build-route.ts';
import type { Catalog } from './catalog.ts';
import type { DocumentOf } from './document.ts';

type WrittenCase = NonNullable<DocumentOf<'Test'>['spec']['cases']>[number];

export function buildTestCases(document: DocumentOf<'Test'>, catalog: Catalog): TestCase[] {
  return (document.spec.cases ?? []).map((item, index) => {
    const { key } = item.principal;
    const team = item.principal.team ?? present(catalog.byKind.Key.get(key ?? ''), 'the key of a case').spec.team;
    return {
      name: `${document.name}/${item.name}`,
      origin: originOf(document, ['spec', 'cases', index, 'name']),
      team,
      ...(key === undefined ? {} : { key }),
      request: item.request,
      load: item.load,
      ...(item.guardrails === undefined ? {} : { failing: Object.keys(item.guardrails).sort() }),
      ...(item.seed === undefined ? {} : { seed: item.seed }),
      ...(item.answer === undefined ? {} : { answer: item.answer }),
      expect: expectationOf(item.expect),
      also: detailsOf(item.expect),
    };
  });
}

function expectationOf({ offer, denied }: WrittenCase['expect']): TestExpectation {
  if (offer !== undefined) return { kind: 'offer', offer };
  return { kind: 'denied', code: present(denied, 'expectation') };
}

function detailsOf(expected: WrittenCase['expect']): TestDetails {
  const { endpoint, attempts, retry, timeouts, headers, redactions, neverSent, neverVisible, text } = expected;
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(attempts === undefined ? {} : { attempts }),
    ...(retry === undefined ? {} : { retry: retryOf(retry) }),
    ...(timeouts === undefined ? {} : { timeouts: timeoutsOf(timeouts) }),
    ...(headers === undefined ? {} : { headers }),
    ...(redactions === undefined ? {} : { redactions: [...new Set(redactions)].sort() }),
    ...(neverSent === undefined ? {} : { neverSent }),
    ...(neverVisible === undefined ? {} : { neverVisible }),
    ...(text === undefined ? {} : { text }),
  };
}

function retryOf({ attempts, on }: NonNullable<WrittenCase['expect']['retry']>): NonNullable<TestDetails['retry']> {
  return {
    ...(attempts === undefined ? {} : { attempts }),
    ...(on === undefined ? {} : { on: retryWordsOf(on) }),
  };
}

function timeoutsOf(written: NonNullable<WrittenCase['expect']['timeouts']>): NonNullable<TestDetails['timeouts']> {
  const { try: tryText, idle, total } = written;
  return {
    ...milliseconds('tryMs', tryText),
    ...milliseconds('idleMs', idle),
    ...milliseconds('totalMs', total),
  };
}

function milliseconds(name: string, text: string | undefined): Record<string, number> {
  return text === undefined ? {} : { [name]: present(durationMs(text), 'duration') };
}
