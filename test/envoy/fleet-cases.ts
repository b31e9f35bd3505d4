import type { Guardrail } from '../../src/core/ir/guardrail.ts';
import type { Fleet, Ir } from '../../src/core/ir/ir.ts';
import type { Origin } from '../../src/core/ir/origin.ts';
import type { Route } from '../../src/core/ir/route.ts';
import type { Pool, Provider } from '../../src/core/ir/upstream.ts';

const TIMEOUTS = { headersMs: 10_000, answerMs: 120_000, idleMs: 60_000, totalMs: 600_000 };

/** What a fleet is compiled from, by the name of its folder below test/golden/envoy. */
export const FLEET_CASES: Readonly<Record<string, { readonly ir: Ir; readonly fleet: Fleet }>> = {
  empty: caseOf({}),
  'one-pool': caseOf({ pools: [pool('own', ['10.0.0.12:8000', '10.0.0.11:8000'])], routes: [route('chat', {})] }),
  'pool-and-providers': caseOf({
    pools: [pool('own', ['10.0.0.11:8000']), pool('spare', ['[2001:db8::1]:8000'])],
    providers: [
      provider('corp', {
        type: 'openai-compatible',
        endpoint: endpoint('https://llm.corp.example:8443/compat'),
        authority: 'corp',
      }),
      provider('groq', { type: 'groq', endpoint: endpoint('https://api.groq.example/openai/v1'), secret: 'groq-key' }),
      provider('lab', { type: 'openai-compatible', endpoint: endpoint('http://192.0.2.7:9000/v1') }),
    ],
    routes: [
      route('chat', {}),
      route('quick', { retry: { attempts: 2, on: ['connect', 'reset'] }, timeouts: { ...TIMEOUTS, answerMs: 20_000 } }),
      route('long', { retry: { attempts: 2, on: ['5xx', 'timeout'] }, bodyBytesMax: 32 * 1024 ** 2 }),
    ],
  }),
  'watched-answers': caseOf({
    pools: [pool('own', ['10.0.0.11:8000'])],
    routes: [route('chat', {})],
    guardrails: [guardrail({ stages: ['response'], mode: 'enforce', onError: 'deny' })],
  }),
};

function at(file: string): Origin {
  return { file, line: 1, column: 1 };
}

export function guardrail(parts: Pick<Guardrail, 'stages' | 'mode' | 'onError'>): Guardrail {
  return {
    name: 'no-keys',
    origin: at('guardrails/no-keys.yaml'),
    package: 'team.no_keys',
    scope: { teams: '*' },
    detectors: ['secrets'],
    stream: 'hold',
    ...parts,
  };
}

export function pool(name: string, addresses: readonly string[]): Pool {
  const origin = at(`pools/${name}.yaml`);
  return { name, origin, engine: 'vllm', endpoints: addresses.map((address) => ({ address, origin })) };
}

export function provider(name: string, parts: Pick<Provider, 'type' | 'endpoint'> & Partial<Provider>): Provider {
  const authentication = { header: 'authorization', prefix: 'Bearer ' };
  return { name, origin: at(`providers/${name}.yaml`), authentication, ...parts };
}

export function endpoint(url: string): Provider['endpoint'] {
  const { protocol, hostname, port, pathname } = new URL(url);
  const scheme = protocol === 'https:' ? 'https' : 'http';
  return { scheme, host: hostname, port: Number(port || (scheme === 'https' ? 443 : 80)), basePath: pathname };
}

export function route(name: string, parts: Partial<Route>): Route {
  const origin = at(`routes/${name}.yaml`);
  return {
    name,
    origin,
    match: { models: '*', teams: '*', labels: {}, headers: {} },
    require: {},
    tiers: [{ origin, arms: [{ origin, weight: 1 }], order: 'listed' }],
    retry: { attempts: 4, on: ['connect', 'reset', '5xx', '429', 'timeout'] },
    timeouts: TIMEOUTS,
    bodyBytesMax: 8 * 1024 ** 2,
    ...parts,
  };
}

export function caseOf(parts: Partial<Ir>): { readonly ir: Ir; readonly fleet: Fleet } {
  const origin = at('fleets/edge.yaml');
  const fleet = {
    name: 'edge',
    origin,
    cluster: 'edge',
    listeners: [{ name: 'api', origin, address: '0.0.0.0', port: 10_000 }],
  };
  const nothing = {
    providers: [],
    pools: [],
    models: [],
    routes: [],
    guardrails: [],
    policies: [],
    teams: [],
    keys: [],
    changeLimits: [],
    tests: [],
    proofs: [],
  };
  return { ir: { ...nothing, fleets: [fleet], ...parts }, fleet };
}
