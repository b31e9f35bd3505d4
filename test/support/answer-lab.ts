import { assert } from '../../src/core/base/assert.ts';
import type { DecisionRecord } from '../../src/core/decide/record.ts';
import { isDown } from '../../src/core/load/ledger.ts';
import { type ExchangeLab, exchangeLab, LAB_START_MS, requestBody, requestHeaders } from './exchange-lab.ts';
import { fixtureRevision, routeDocument } from './revision-fixture.ts';

const TARGETS =
  'match: { models: [ small ], teams: [ "*" ] }\n  targets: [ { offers: [ own ] }, { offers: [ corp ] } ]';
/** Two engines, then a provider. */
export const threeAttempts = fixtureRevision({
  routes: [routeDocument('chat', `${TARGETS}\n  retry: { attempts: 3 }`)],
});

/** Where the three attempts of such an exchange go. */
export const FIRST = '10.0.0.3:8000';
export const SECOND = '10.0.0.1:8000';
export const HOP = 'envoy://providers/corp';

/** An exchange that waits for its answer, decided 5 ms after its beginning. */
export function decidedExchange(body: Parameters<typeof requestBody>[0] = {}): ExchangeLab {
  const lab = exchangeLab(threeAttempts);
  lab.send(requestHeaders());
  lab.wait(5);
  lab.send(requestBody(body));
  return lab;
}

/** What came of the request, which leaves one record however often its stream ends. */
export function outcomeOf(lab: ExchangeLab): DecisionRecord['outcome'] {
  lab.end();
  lab.end();
  assert(lab.records.length === 1, `${lab.records.length} records`);
  return lab.records[0]?.outcome;
}

/** Engines that hold a request, and engines that rest. */
export function loadOf(lab: ExchangeLab): { active: string[]; resting: string[] } {
  const loads = [...lab.ledger.endpoints];
  return {
    active: loads
      .filter(([, load]) => load.activeRequests !== 0 || load.reservedTokens !== 0)
      .map(([address]) => address),
    resting: loads.filter(([, load]) => isDown(load, LAB_START_MS + 6)).map(([address]) => address),
  };
}
