import { editDocuments } from '../../src/app/demo/stack/edit-documents.ts';
import { freePort } from '../../src/app/demo/stack/free-port.ts';
import type { OwnedProcess } from '../../src/app/demo/stack/owned-process.ts';
import type { ConfigTree } from '../../src/app/demo/stack/quickstart-tree.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import { assert, present } from '../../src/core/base/assert.ts';
import { ChildProgram } from './child-program.ts';
import { type GatewayLab, type LabPlaces, startGatewayLab } from './gateway-lab.ts';
import type { LoadReport } from './http-load.ts';
import { peakResidentMebibytes, processorSeconds } from './processor-time.ts';
import { startStaticEnvoy } from './static-envoy.ts';

/** What is asked, and of whom. */
export interface Shape {
  /** `plain`: the Envoy that only routes; else what headgate decides. */
  readonly target: 'plain' | 'pool' | 'bare' | 'hop';
  /** `kept`: connections to engines serve many requests; `eager`: one each, see eager-upstream.ts. */
  readonly upstream: 'kept' | 'eager';
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

/** A pool with every decision and Rego, the same without Rego, and a provider behind a hop with Rego. */
const MODELS = {
  plain: { kept: 'chat-small', eager: 'chat-eager' },
  pool: { kept: 'chat-small', eager: 'chat-eager' },
  bare: { kept: 'chat-bare', eager: 'chat-eager-bare' },
  hop: { kept: 'chat-hop', eager: 'chat-hop' },
} as const;

const PROMPT_CHARS = 1_800;

export async function startDataPathLab(owned: AsyncDisposableStack): Promise<DataPathLab> {
  const lab = await startGatewayLab(owned, { proxies: 1, edit: withBenchRoutes });
  const plain = await startPlainEnvoy(owned, lab);
  const load = new ChildProgram(new URL('./load-process.ts', import.meta.url));
  owned.defer(() => load.close());
  const proxy = present(lab.proxies[0], 'a proxy');
  const headgatePid = present(lab.headgate.process.pid, 'the process of headgate');
  const envoyPids = {
    plain: present(plain.process.pid, 'the plain Envoy'),
    gateway: present(proxy.process.pid, 'the Envoy of headgate'),
  };
  const send = async (shape: Shape, connections: number, requests: number) => {
    const port = shape.target === 'plain' ? plain.ports[shape.upstream] : Number(new URL(proxy.url).port);
    const headers = { authorization: `Bearer ${lab.key}` };
    const path = '/v1/chat/completions';
    return (await load.ask({ port, path, headers, body: bodyOf(shape), connections, requests })) as LoadReport;
  };
  await waitUntil('the plain Envoy', async () => {
    const { failures } = await send({ target: 'plain', upstream: 'eager', stream: false }, 1, 1);
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
function bodyOf({ target, upstream, stream }: Shape): string {
  const words = 'Please explain how a gateway decides which engine serves a request, in 3 short steps. ';
  const content = words.repeat(Math.ceil(PROMPT_CHARS / words.length)).slice(0, PROMPT_CHARS);
  return JSON.stringify({
    model: MODELS[target][upstream],
    stream,
    max_tokens: 64,
    temperature: 0.2,
    messages: [
      { role: 'system', content: 'You answer in plain words.' },
      { role: 'user', content },
    ],
  });
}

interface PlainEnvoy {
  readonly process: OwnedProcess;
  readonly ports: Readonly<Record<Shape['upstream'], number>>;
}

/** What everything else is a multiple of: the same Envoy with a route and the router, before the same upstreams. */
async function startPlainEnvoy(owned: AsyncDisposableStack, { folder, places }: GatewayLab): Promise<PlainEnvoy> {
  const ports = { kept: await freePort(), eager: await freePort() };
  const process = await startStaticEnvoy({
    name: 'plain',
    folder,
    listeners: Object.entries(ports).map(([cluster, port]) => ({
      port,
      routes: [{ match: { prefix: '/' }, route: { cluster } }],
    })),
    clusters: { kept: places.engines, eager: places.eagerEngines },
  });
  owned.defer(() => process.close());
  return { process, ports };
}

const ENGINE_MODEL = 'meta-llama/Llama-3.1-8B-Instruct';

/** Four more models beside the quickstart's, each with its route; the guardrail judges those whose name is not bare. */
function withBenchRoutes(tree: ConfigTree, places: LabPlaces): ConfigTree {
  const edit = (path: string, kind: string, change: Parameters<typeof editDocuments>[2]) => ({
    [path]: editDocuments(present(tree[path], path), kind, change),
  });
  const engines = places.eagerEngines.map((port) => `127.0.0.1:${port}`);
  return {
    ...tree,
    ...edit('guardrails/secrets.yaml', 'Guardrail', (guardrail) =>
      guardrail.setIn(['spec', 'scope', 'routes'], ['chat', 'chat-eager', 'chat-hop']),
    ),
    ...edit('teams/red.yaml', 'Team', (team) =>
      team.setIn(
        ['spec', 'models'],
        ['chat-small', 'chat-next', 'chat-bare', 'chat-eager', 'chat-eager-bare', 'chat-hop'],
      ),
    ),
    'bench.yaml': [
      document('Pool', 'eager', {
        engine: 'vllm',
        endpoints: { static: engines },
        load: { scrape: { interval: '250ms' } },
      }),
      ...served('chat-bare', { name: 'own', pool: 'llama', upstreamModel: ENGINE_MODEL }),
      ...served('chat-eager', { name: 'own', pool: 'eager', upstreamModel: ENGINE_MODEL }),
      ...served('chat-eager-bare', { name: 'own', pool: 'eager', upstreamModel: ENGINE_MODEL }),
      ...served('chat-hop', { name: 'cloud', provider: 'cloud', upstreamModel: 'cloud-small-1' }),
    ].join('---\n'),
  };
}

function served(
  name: string,
  offer: Readonly<Record<'name' | 'upstreamModel', string>> & Readonly<Record<string, string>>,
): string[] {
  return [model(name, offer), route(name, offer.name)];
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

function route(name: string, offer: string): string {
  return document('Route', name, {
    match: { models: [name], teams: ['*'] },
    targets: [{ offers: [offer] }],
    retry: { attempts: 4 },
  });
}

/** JSON is YAML. */
function document(kind: string, name: string, spec: object): string {
  return `${JSON.stringify({ apiVersion: 'headgate.dev/v1', kind, metadata: { name }, spec })}\n`;
}
