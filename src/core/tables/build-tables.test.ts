import { describe, expect, test } from 'vitest';
import {
  FIXTURE_HASHES,
  fixtureIr,
  KEY_ENDS_MS,
  ROUTE,
  routeDocument,
} from '../../../test/support/revision-fixture.ts';
import { buildTables } from './build-tables.ts';

describe('the tables of a revision', () => {
  const tables = buildTables(fixtureIr());

  test('know keys by their hash, teams and models by name', () => {
    expect({ keys: tables.keys, teams: tables.teams, names: tables.names }).toEqual({
      keys: {
        [FIXTURE_HASHES.red]: { name: 'red-key', team: 'red' },
        [FIXTURE_HASHES.blue]: { name: 'blue-key', team: 'blue' },
        [FIXTURE_HASHES.expired]: { name: 'old-key', team: 'red', expiresAtMs: KEY_ENDS_MS },
      },
      teams: {
        blue: { labels: { residency: 'us' }, models: ['small'] },
        red: { labels: { residency: 'eu' }, models: '*' },
      },
      names: { small: 'small', 'gpt-small': 'small', next: 'next' },
    });
  });

  test('give each offer what a choice needs to know of its upstream', () => {
    const own = { model: 'small', name: 'own', upstreamModel: 'small-8b' };
    expect([tables.offers['small/own'], tables.offers['small/cloud']]).toEqual([
      {
        ...own,
        price: { inputUsd: 0.04, cachedInputUsd: 0.04, outputUsd: 0.08 },
        region: 'eu',
        retention: 'zero',
        cluster: 'pool-gpus',
        pool: 'gpus',
      },
      {
        model: 'small',
        name: 'cloud',
        upstreamModel: 'cloud-small',
        price: { inputUsd: 0.15, cachedInputUsd: 0.075, outputUsd: 0.6 },
        region: 'us',
        retention: '30d',
        cluster: 'hop-cloud',
        provider: 'cloud',
      },
    ]);
    expect(tables.models.small).toEqual({
      contextTokens: 10_000,
      maxOutputTokens: 2_000,
      capabilities: ['streaming', 'tools'],
      offers: ['small/own', 'small/corp', 'small/cloud'],
    });
  });

  test('hold no place of the tree', () => {
    expect(JSON.stringify(tables)).not.toContain('fixture.yaml');
  });

  test('survive JSON', () => {
    expect(JSON.parse(JSON.stringify(tables))).toEqual(tables);
  });

  test('keep what users call `origin`, or like a member that every object has', () => {
    const named = buildTables(
      fixtureIr({
        routes: [
          ROUTE,
          routeDocument(
            'origin',
            'match: { models: [ origin ], teams: [ origin ], labels: { origin: eu }, headers: { origin: "https://a.example" } }\n  targets: [ { offers: [ constructor ] } ]',
          ),
        ],
        documents: [
          `
apiVersion: headgate.dev/v1
kind: Team
metadata: { name: origin, labels: { origin: eu, constructor: "1" } }
spec: { models: [ origin ] }
`,
          `
apiVersion: headgate.dev/v1
kind: Model
metadata: { name: origin }
spec:
  aliases: [ constructor, hasOwnProperty ]
  context: 1000
  offers: [ { name: constructor, pool: origin, upstreamModel: m, price: { input: 1, output: 1 } } ]
`,
          `
apiVersion: headgate.dev/v1
kind: Pool
metadata: { name: origin }
spec: { engine: vllm, endpoints: { static: [ "10.0.2.1:8000" ] } }
`,
        ],
      }),
    );
    expect(named.teams.origin).toEqual({ labels: { origin: 'eu', constructor: '1' }, models: ['origin'] });
    expect(named.pools.origin).toEqual({ engine: 'vllm', endpoints: ['10.0.2.1:8000'] });
    expect(named.names).toMatchObject({ origin: 'origin', constructor: 'origin', hasOwnProperty: 'origin' });
    expect(named.routes.find(({ name }) => name === 'origin')?.match).toEqual({
      models: ['origin'],
      teams: ['origin'],
      labels: { origin: 'eu' },
      headers: { origin: 'https://a.example' },
    });
  });
});
