import { editDocuments } from '../../src/app/demo/stack/edit-documents.ts';
import type { ConfigTree } from '../../src/app/demo/stack/quickstart-tree.ts';
import { withListener } from '../../src/app/demo/steps/commit-changes.ts';
import { present } from '../../src/core/base/assert.ts';

/** What the commits of a soak change: two trees with equal choices are equal. */
export interface TreeChoice {
  /** The clusters behind the models are named after it: another number is a cluster that comes and one that goes. */
  readonly pool: number;
  /** Whether the provider's tier is before the pool's. */
  readonly providerFirst: boolean;
  /** A number in the Rego text: another one is another policy. */
  readonly policy: number;
  /** A second listener, which no request of the soak uses. */
  readonly hasSecondListener: boolean;
  /** Whether the next commit comes to a few proxies first. */
  readonly hasWaves: boolean;
}

export const FIRST_CHOICE: TreeChoice = {
  pool: 0,
  providerFirst: false,
  policy: 0,
  hasSecondListener: false,
  hasWaves: false,
};

/** Short beside the soak, long beside what a proxy needs to ask and to acknowledge. */
const ROLLOUT = { waves: [2, '100%'], bake: { time: '1s' } };

/** The port of the second listener in the Fleet; every proxy of the soak has one of its own in place of it. */
const SECOND_LISTENER_PORT = 10_001;

/** The model whose answers are streamed for long, and the pool that serves it: no commit of the soak changes them. */
export const LONG_MODEL = 'chat-long';

/** The quickstart with a model of long answers, and without its tests: they say what the soak changes. */
export function soakTree(quickstart: ConfigTree, longEngine: string): ConfigTree {
  const { 'tests/chat.yaml': _, ...tree } = quickstart;
  const team = editDocuments(present(tree['teams/red.yaml'], 'the team'), 'Team', (document) => {
    document.addIn(['spec', 'models'], LONG_MODEL);
  });
  return { ...tree, 'teams/red.yaml': team, 'long.yaml': longDocuments(longEngine) };
}

/** The files of the tree that a choice decides. */
export function chosenFiles(tree: ConfigTree, choice: TreeChoice): ConfigTree {
  const pool = `pool-${choice.pool}`;
  const edit = (path: string, kind: string, change: Parameters<typeof editDocuments>[2]) => ({
    [path]: editDocuments(present(tree[path], path), kind, change),
  });
  const rego = 'policies/guardrails/secrets/secrets.rego';
  const fleet = editDocuments(present(tree[FLEET], 'the fleet'), 'Fleet', (document) => {
    if (choice.hasWaves) document.setIn(['spec', 'rollout'], document.createNode(ROLLOUT));
  });
  return {
    ...edit('pools/llama.yaml', 'Pool', (document) => document.setIn(['metadata', 'name'], pool)),
    ...edit('models/chat.yaml', 'Model', (document) => document.setIn(['spec', 'offers', 0, 'pool'], pool)),
    ...edit('routes/chat.yaml', 'Route', (document) => {
      const tiers = [{ offers: ['own'] }, { offers: ['cloud'] }];
      document.setIn(['spec', 'targets'], document.createNode(choice.providerFirst ? tiers.toReversed() : tiers));
    }),
    [rego]: present(tree[rego], rego).replaceAll('holds a', `holds in round ${choice.policy} a`),
    [FLEET]: choice.hasSecondListener ? withListener(fleet, 'second', SECOND_LISTENER_PORT) : fleet,
  };
}

export const FLEET = 'fleets/edge.yaml';

/** JSON is YAML. */
function longDocuments(engine: string): string {
  const document = (kind: string, name: string, spec: object) =>
    `${JSON.stringify({ apiVersion: 'headgate.dev/v1', kind, metadata: { name }, spec })}\n`;
  const price = { input: 0.04, output: 0.08 };
  return [
    document('Pool', 'long', {
      engine: 'vllm',
      endpoints: { static: [engine] },
      load: { scrape: { interval: '1s' } },
    }),
    document('Model', LONG_MODEL, {
      class: 'standard',
      context: 131_072,
      maxOutput: 16_384,
      capabilities: ['streaming'],
      offers: [{ name: 'own', pool: 'long', upstreamModel: 'long-1', price }],
    }),
    document('Route', LONG_MODEL, { match: { models: [LONG_MODEL], teams: ['*'] }, targets: [{ offers: ['own'] }] }),
  ].join('---\n');
}
