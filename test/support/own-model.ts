import { digestOfText } from '../../src/core/base/digest.ts';

/** Text of YAML documents: a model on a pool of one address, its route, and a team with a key that may use it. */
export function ownModel(name: string, address: string, key: string): string {
  const pool = document('Pool', name, { engine: 'vllm', endpoints: { static: [address] } });
  return [pool, ...modelFor(name, { pool: name, upstreamModel: name }, key)].join('\n---\n');
}

/** The same for a model that the quickstart's provider alone offers. */
export function modelOfProvider(name: string, key: string): string {
  return modelFor(name, { provider: 'cloud', upstreamModel: 'cloud-small-1' }, key).join('\n---\n');
}

function modelFor(name: string, place: object, key: string): string[] {
  return [
    document('Model', name, {
      context: 1_000,
      capabilities: ['streaming'],
      offers: [{ name: 'own', ...place, price: { input: 1, output: 1 } }],
    }),
    document('Route', name, { match: { models: [name], teams: [name] }, targets: [{ offers: ['own'] }] }),
    document('Team', name, { models: [name] }),
    document('Key', name, { team: name, hash: digestOfText(key) }),
  ];
}

function document(kind: string, name: string, spec: unknown): string {
  return JSON.stringify({ apiVersion: 'headgate.dev/v1', kind, metadata: { name }, spec });
}
