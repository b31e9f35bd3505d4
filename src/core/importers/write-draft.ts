import { Document, isCollection, isMap, visit } from 'yaml';
import { sortedBy } from '../base/text-order.ts';
import { API_VERSION } from '../language/kind.ts';
import type { Draft, ModelDraft, RouteDraft } from './draft.ts';

export interface WrittenFile {
  readonly path: string;
  readonly text: string;
}

/** Mappings and lists below the spec that are no longer than this stand on one line. */
const FLOW_CHARS_MAX = 100;

/** The documents, a file for each kind, and a sample of the boot settings where secrets are named. */
export function writeDraft(draft: Draft): WrittenFile[] {
  const byName = <T extends { readonly name: string }>(things: Iterable<T>) => sortedBy(things, ({ name }) => name);
  const files = [
    file('providers.yaml', 'Provider', byName(draft.providers.values()), ({ name: _name, ...spec }) => spec),
    file('pools.yaml', 'Pool', byName(draft.pools.values()), ({ addresses }) => ({
      engine: 'vllm',
      endpoints: { static: addresses },
      load: ['scrape'],
    })),
    file('models.yaml', 'Model', byName(draft.models.values()), modelSpec),
    file('routes.yaml', 'Route', byName(draft.routes), routeSpec),
    file('fleets.yaml', 'Fleet', byName(draft.fleets), ({ name, listeners }) => ({
      match: { cluster: name },
      listeners,
    })),
  ];
  return [...files, ...bootSettings(draft)].filter(({ text }) => text !== '');
}

function file<T extends { readonly name: string }>(
  path: string,
  kind: string,
  things: readonly T[],
  spec: (thing: T) => object,
): WrittenFile {
  const texts = things.map((thing) =>
    yamlText({ apiVersion: API_VERSION, kind, metadata: { name: thing.name }, spec: spec(thing) }),
  );
  return { path, text: texts.join('---\n') };
}

function modelSpec({ aliases, context, maxOutput, capabilities, offers }: ModelDraft): object {
  return {
    ...(aliases.size === 0 ? {} : { aliases: [...aliases] }),
    context,
    ...(maxOutput === undefined ? {} : { maxOutput }),
    capabilities: [...capabilities],
    offers: offers.map(({ rank: _rank, ...offer }) => offer),
  };
}

function routeSpec({ models, headers, targets, attempts, answerSeconds }: RouteDraft): object {
  return {
    match: { models, ...(Object.keys(headers).length === 0 ? {} : { headers }) },
    targets,
    ...(attempts === undefined ? {} : { retry: { attempts } }),
    ...(answerSeconds === undefined ? {} : { timeouts: { answer: `${answerSeconds}s` } }),
  };
}

function bootSettings({ secrets }: Draft): WrittenFile[] {
  if (secrets.size === 0) return [];
  const named = sortedBy(secrets, ([name]) => name).map(([name, { env, hosts }]) => [name, { env, hosts: [...hosts] }]);
  const head = '# For the boot settings of "headgate serve", which stand outside of the repository.\n';
  return [{ path: '.boot-settings.sample.yaml', text: `${head}${yamlText({ secrets: Object.fromEntries(named) })}` }];
}

function yamlText(value: object): string {
  const document = new Document(value);
  visit(document, {
    Collection(_key, node, path) {
      const short = JSON.stringify(node.toJSON()).length <= FLOW_CHARS_MAX;
      const inSpec = path.filter((step) => isCollection(step)).length > 1;
      if (isCollection(node) && ((short && inSpec) || isMetadata(node))) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0 });
}

function isMetadata(node: unknown): boolean {
  return isMap(node) && node.items.length === 1 && node.has('name');
}
