import { describe, expect, test } from 'vitest';
import { AssertionFailure } from '../base/assert.ts';
import type { Fleet, Ir } from '../ir/ir.ts';
import type { Pool, Provider } from '../ir/upstream.ts';
import { type CompileSettings, compileFleet } from './compile-fleet.ts';
import { secretResource } from './secret-resource.ts';

const origin = { file: 'a.yaml', line: 3, column: 1 };
const fleet: Fleet = {
  name: 'edge',
  origin,
  cluster: 'edge',
  listeners: [{ name: 'api', origin, address: '::', port: 10_000 }],
};
const pool: Pool = { name: 'own', origin, engine: 'vllm', endpoints: [{ address: '10.0.0.1:8000', origin }] };
const provider: Provider = {
  name: 'groq',
  origin,
  type: 'groq',
  endpoint: { scheme: 'https', host: 'api.groq.example', port: 443, basePath: '/openai/v1' },
  authentication: { header: 'authorization', prefix: 'Bearer ' },
  secret: 'groq-key',
};
const settings: CompileSettings = { revision: 'sha256:1', authorities: { system: { path: '/ca.pem' }, named: {} } };

const ir = (parts: Partial<Ir>): Ir => ({
  providers: [],
  pools: [],
  models: [],
  routes: [],
  guardrails: [],
  policies: [],
  teams: [],
  keys: [],
  fleets: [fleet],
  changeLimits: [],
  tests: [],
  proofs: [],
  ...parts,
});

describe('compileFleet', () => {
  test('names every resource once, by type and then by name', () => {
    const { resources, secrets } = compileFleet(ir({ pools: [pool], providers: [provider] }), fleet, settings);
    expect(resources.map(({ typeUrl, name }) => `${typeUrl.replace(/^.*\./, '')} ${name}`)).toEqual([
      'Cluster headgate-refuse',
      'Cluster hop-groq',
      'Cluster pool-own',
      'Cluster provider-groq',
      'ClusterLoadAssignment pool-own',
      'Listener edge-api',
      'Listener providers',
      'RouteConfiguration edge',
      'RouteConfiguration providers',
    ]);
    expect(secrets).toEqual([{ secret: 'groq-key', resource: 'secret-groq-key' }]);
  });

  test('another revision changes the routes alone', () => {
    const content = ir({ pools: [pool], providers: [provider] });
    const before = compileFleet(content, fleet, settings).resources;
    const after = compileFleet(content, fleet, { ...settings, revision: 'sha256:2' }).resources;
    const changed = after.filter(({ bytes }, index) => !equalBytes(bytes, before[index]?.bytes));
    expect(changed.map(({ name }) => name)).toEqual(['edge', 'providers']);
  });

  test('the listeners are the same whatever they lead to', () => {
    const listeners = (content: Ir) =>
      compileFleet(content, fleet, settings).resources.filter(({ typeUrl }) => typeUrl.endsWith('.Listener'));
    expect(listeners(ir({ pools: [pool], providers: [provider] }))).toEqual(listeners(ir({})));
  });

  test('providers that share a secret ask for it once', () => {
    const two = [provider, { ...provider, name: 'second' }];
    expect(compileFleet(ir({ providers: two }), fleet, settings).secrets).toHaveLength(1);
  });

  test.each([
    ['a key over plain HTTP', { ...provider, endpoint: { ...provider.endpoint, scheme: 'http' as const } }],
    ['an authority that the boot settings do not have', { ...provider, authority: 'corp' }],
  ])('%s is a bug: the language refuses it', (_name, wrong) => {
    expect(() => compileFleet(ir({ providers: [wrong] }), fleet, settings)).toThrow(AssertionFailure);
  });
});

describe('secretResource', () => {
  test('an empty value is a resource too: it revokes', () => {
    expect(secretResource('groq-key', '').name).toBe('secret-groq-key');
    expect(secretResource('groq-key', '').bytes).not.toEqual(secretResource('groq-key', 'x').bytes);
  });
});

function equalBytes(left: Uint8Array, right: Uint8Array | undefined): boolean {
  return right !== undefined && Buffer.compare(left, right) === 0;
}
