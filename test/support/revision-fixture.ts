import { assert } from '../../src/core/base/assert.ts';
import { digestOfText } from '../../src/core/base/digest.ts';
import { type LoadedRevision, loadedRevision } from '../../src/core/decide/loaded-revision.ts';
import { prepareRevision } from '../../src/core/decide/revision.ts';
import type { Ir } from '../../src/core/ir/ir.ts';
import { compileTree } from '../../src/core/language/compile-tree.ts';
import type { EvaluatePolicy } from '../../src/core/policy/policy-port.ts';
import { buildTables } from '../../src/core/tables/build-tables.ts';
import { revisionDigest } from '../../src/core/tables/revision-digest.ts';

/** What the callers of the fixture's teams show. */
export const KEYS = { red: 'hg_red', blue: 'hg_blue', expired: 'hg_old' } as const;

/** The digests by which the key documents know them. */
export const FIXTURE_HASHES = {
  red: digestOfText(KEYS.red),
  blue: digestOfText(KEYS.blue),
  expired: digestOfText(KEYS.expired),
};

/** The first moment at which the key `old-key` is dead. */
export const KEY_ENDS_MS = Date.UTC(2030, 0, 2);

const IDENTITY = `
apiVersion: headgate.dev/v1
kind: Team
metadata: { name: red, labels: { residency: eu } }
spec: { models: [ "*" ] }
---
apiVersion: headgate.dev/v1
kind: Team
metadata: { name: blue, labels: { residency: us } }
spec: { models: [ small ] }
---
apiVersion: headgate.dev/v1
kind: Key
metadata: { name: red-key }
spec: { team: red, hash: "${FIXTURE_HASHES.red}" }
---
apiVersion: headgate.dev/v1
kind: Key
metadata: { name: blue-key }
spec: { team: blue, hash: "${FIXTURE_HASHES.blue}" }
---
apiVersion: headgate.dev/v1
kind: Key
metadata: { name: old-key }
spec: { team: red, hash: "${FIXTURE_HASHES.expired}", expires: "2030-01-01" }
`;

const UPSTREAMS = `
apiVersion: headgate.dev/v1
kind: Pool
metadata: { name: gpus }
spec: { engine: vllm, region: eu, endpoints: { static: [ "10.0.0.1:8000", "10.0.0.2:8000", "10.0.0.3:8000" ] } }
---
apiVersion: headgate.dev/v1
kind: Pool
metadata: { name: spare }
spec: { engine: vllm, region: eu, endpoints: { static: [ "10.0.1.1:8000" ] } }
---
apiVersion: headgate.dev/v1
kind: Provider
metadata: { name: corp }
spec: { type: openai-compatible, endpoint: "https://llm.corp.example/v1", region: eu, retention: zero }
---
apiVersion: headgate.dev/v1
kind: Provider
metadata: { name: cloud }
spec: { type: openai-compatible, endpoint: "https://cloud.example/v1", region: us, retention: 30d }
`;

const MODELS = `
apiVersion: headgate.dev/v1
kind: Model
metadata: { name: small }
spec:
  aliases: [ gpt-small ]
  context: 10000
  maxOutput: 2000
  capabilities: [ streaming, tools ]
  offers:
    - { name: own, pool: gpus, upstreamModel: small-8b, price: { input: 0.04, output: 0.08 } }
    - { name: corp, provider: corp, upstreamModel: corp-small, price: { input: 0.05, output: 0.10 } }
    - { name: cloud, provider: cloud, upstreamModel: cloud-small, price: { input: 0.15, cachedInput: 0.075, output: 0.60 } }
---
apiVersion: headgate.dev/v1
kind: Model
metadata: { name: next }
spec:
  context: 20000
  capabilities: [ streaming, tools, jsonSchema ]
  offers:
    - { name: own, pool: gpus, upstreamModel: next-8b, price: { input: 0.04, output: 0.08 } }
    - { name: spare, pool: spare, upstreamModel: next-8b, price: { input: 0.02, output: 0.04 } }
`;

/** The route of the fixture: own servers, then each provider. */
export const ROUTE = routeDocument(
  'chat',
  'match: { models: [ small ], teams: [ "*" ] }\n  targets: [ { offers: [ own ] }, { offers: [ corp, cloud ] } ]',
);

/** A Route document with this spec, its lines indented by two. */
export function routeDocument(name: string, spec: string): string {
  return `\napiVersion: headgate.dev/v1\nkind: Route\nmetadata: { name: ${name} }\nspec:\n  ${spec}\n`;
}

export interface FixtureParts {
  /** In place of ROUTE. */
  readonly routes?: readonly string[];
  /** More documents. */
  readonly documents?: readonly string[];
  /** In place of policies that decide nothing. */
  readonly evaluate?: EvaluatePolicy;
}

/** The documents of the fixture as one file's text. */
export function fixtureText(parts: FixtureParts = {}): string {
  return [IDENTITY, UPSTREAMS, MODELS, ...(parts.routes ?? [ROUTE]), ...(parts.documents ?? [])].join('\n---\n');
}

/** The model of a small catalog: two pools, two providers, the models `small` and `next`, the teams red and blue. */
export function fixtureIr(parts: FixtureParts = {}): Ir {
  const policy = { path: 'policies/fixture.rego', text: 'package fixture\n\ndeny := set()\n' };
  const tree = compileTree([policy, { path: 'fixture.yaml', text: fixtureText(parts) }], undefined, () => []);
  assert(tree.ir !== undefined, `the fixture has mistakes: ${JSON.stringify(tree.diagnostics)}`);
  return tree.ir;
}

/** The same, ready to decide; its policies say what the test says. */
export function fixtureRevision(parts: FixtureParts = {}): LoadedRevision {
  const ir = fixtureIr(parts);
  const tables = buildTables(ir);
  const revision = prepareRevision(revisionDigest(ir, tables, new Uint8Array(0)), 'commit-1', tables);
  return loadedRevision(revision, { guardrails: {} }, parts.evaluate ?? policyResult({}));
}

/** A policy that always gives this, by guardrail. */
export function policyResult(value: Readonly<Record<string, object>>): EvaluatePolicy {
  return () => ({ kind: 'result', value, fuelUsed: 0, builtinErrors: [] });
}
