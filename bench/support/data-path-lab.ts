import { editDocuments } from '../../src/app/demo/stack/edit-documents.ts';
import type { ConfigTree } from '../../src/app/demo/stack/quickstart-tree.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import { assert, present } from '../../src/core/base/assert.ts';
import { ChildProgram } from './child-program.ts';
import { startGatewayLab } from './gateway-lab.ts';
import type { LoadReport } from './http-load.ts';
import { startPlainEnvoy } from './plain-envoy.ts';
import { peakResidentMebibytes, processorSeconds } from './processor-time.ts';

/** What is asked, and of whom. */
export interface Shape {
  /** `plain`: the Envoy that only routes; else the model that headgate decides on. */
  readonly target: 'plain' | 'pool' | 'bare' | 'hop';
  readonly stream: boolean;
}

/** What a load cost. */
export interface Cost {
  /** Of Envoy and headgate together, for 1,000 requests. */
  readonly processorSeconds: number;
  readonly envoySeconds: number;
  readonly headgateSeconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface DataPathLab {
  /** Sends so many requests over so many connections. Throws when one of them fails. */
  readonly measure: (shape: Shape, connections: number, requests: number) => Promise<Cost>;
  /** The most memory that headgate has held, in MiB. */
  readonly headgateMebibytes: () => number;
}

/** By target: a pool with every decision and Rego, the same without Rego, and a provider behind a hop with Rego. */
const MODELS = { plain: 'chat-small', pool: 'chat-small', bare: 'chat-bare', hop: 'chat-hop' } as const;

const PROMPT_CHARS = 1_800;

export async function startDataPathLab(owned: AsyncDisposableStack): Promise<DataPathLab> {
  const lab = await startGatewayLab(owned, { proxies: 1, edit: withBenchRoutes });
  const plain = await startPlainEnvoy(lab.folder, lab.upstream.engines);
  owned.defer(() => plain.process.close());
  const load = new ChildProgram(new URL('./load-process.ts', import.meta.url));
  owned.defer(() => load.close());
  const proxy = present(lab.proxies[0], 'a proxy');
  const headgatePid = present(lab.headgate.process.pid, 'the process of headgate');
  const envoyPids = {
    plain: present(plain.process.pid, 'the plain Envoy'),
    gateway: present(proxy.process.pid, 'the Envoy of headgate'),
  };
  const send = async ({ target, stream }: Shape, connections: number, requests: number) => {
    const port = target === 'plain' ? plain.port : Number(new URL(proxy.url).port);
    const headers = { authorization: `Bearer ${lab.key}` };
    const path = '/v1/chat/completions';
    return (await load.ask({ port, path, headers, body: bodyOf(target, stream), connections, requests })) as LoadReport;
  };
  await waitUntil('the plain Envoy', async () => {
    const { failures } = await send({ target: 'plain', stream: false }, 1, 1);
    return failures === 0 ? true : undefined;
  });
  return {
    measure: async (shape, connections, requests) => {
      const envoyPid = shape.target === 'plain' ? envoyPids.plain : envoyPids.gateway;
      const before = [processorSeconds(envoyPid), processorSeconds(headgatePid)] as const;
      const { failures, p50Ms, p99Ms } = await send(shape, connections, requests);
      assert(failures === 0, `${failures} of ${requests} requests failed (${shape.target})`);
      const envoySeconds = ((processorSeconds(envoyPid) - before[0]) / requests) * 1_000;
      const used = ((processorSeconds(headgatePid) - before[1]) / requests) * 1_000;
      // A plain Envoy does not need headgate, whatever that does meanwhile.
      const headgateSeconds = shape.target === 'plain' ? 0 : used;
      return { processorSeconds: envoySeconds + headgateSeconds, envoySeconds, headgateSeconds, p50Ms, p99Ms };
    },
    headgateMebibytes: () => peakResidentMebibytes(headgatePid),
  };
}

/** A chat request of 2 KB: a system prompt and a question of ordinary words, in which no detector finds anything. */
function bodyOf(target: Shape['target'], stream: boolean): string {
  const words = 'Please explain how a gateway decides which engine serves a request, in 3 short steps. ';
  const content = words.repeat(Math.ceil(PROMPT_CHARS / words.length)).slice(0, PROMPT_CHARS);
  return JSON.stringify({
    model: MODELS[target],
    stream,
    max_tokens: 64,
    temperature: 0.2,
    messages: [
      { role: 'system', content: 'You answer in plain words.' },
      { role: 'user', content },
    ],
  });
}

/** Two more models beside the quickstart's, each with its route: the pool without a guardrail, the provider with it. */
function withBenchRoutes(tree: ConfigTree): ConfigTree {
  const edit = (path: string, kind: string, change: Parameters<typeof editDocuments>[2]) => ({
    [path]: editDocuments(present(tree[path], path), kind, change),
  });
  return {
    ...tree,
    ...edit('guardrails/secrets.yaml', 'Guardrail', (guardrail) =>
      guardrail.setIn(['spec', 'scope', 'routes'], ['chat', 'hop']),
    ),
    ...edit('teams/red.yaml', 'Team', (team) =>
      team.setIn(['spec', 'models'], ['chat-small', 'chat-next', 'chat-bare', 'chat-hop']),
    ),
    'models/bench.yaml': [
      model('chat-bare', { name: 'own', pool: 'llama', upstreamModel: 'meta-llama/Llama-3.1-8B-Instruct' }),
      model('chat-hop', { name: 'cloud', provider: 'cloud', upstreamModel: 'cloud-small-1' }),
    ].join('---\n'),
    'routes/bench.yaml': [route('bare', 'chat-bare', 'own'), route('hop', 'chat-hop', 'cloud')].join('---\n'),
  };
}

function model(name: string, offer: object): string {
  const price = { input: 0.04, output: 0.08 };
  return document('Model', name, {
    class: 'standard',
    context: 131_072,
    maxOutput: 16_384,
    capabilities: ['streaming'],
    offers: [{ ...offer, price }],
  });
}

function route(name: string, modelName: string, offer: string): string {
  return document('Route', name, {
    match: { models: [modelName], teams: ['*'] },
    targets: [{ offers: [offer] }],
    retry: { attempts: 4 },
  });
}

/** JSON is YAML. */
function document(kind: string, name: string, spec: object): string {
  return `${JSON.stringify({ apiVersion: 'headgate.dev/v1', kind, metadata: { name }, spec })}\n`;
}
