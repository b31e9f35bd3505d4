import { digestOfText } from '../../src/core/base/digest.ts';

/** Text of YAML documents: a model on a pool of one address, its route, and a team with a key that may use it. */
export function ownModel(name: string, address: string, key: string): string {
  const document = (kind: string, spec: unknown) =>
    JSON.stringify({ apiVersion: 'headgate.dev/v1', kind, metadata: { name }, spec });
  return [
    document('Pool', { engine: 'vllm', endpoints: { static: [address] } }),
    document('Model', {
      context: 1_000,
      capabilities: ['streaming'],
      offers: [{ name: 'own', pool: name, upstreamModel: name, price: { input: 1, output: 1 } }],
    }),
    document('Route', { match: { models: [name], teams: [name] }, targets: [{ offers: ['own'] }] }),
    document('Team', { models: [name] }),
    document('Key', { team: name, hash: digestOfText(key) }),
  ].join('\n---\n');
}
