import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { present } from '../../../core/base/assert.ts';
import { digestOfText } from '../../../core/base/digest.ts';
import { editDocuments } from './edit-documents.ts';

/** Files of a configuration repository: their text by path. */
export type ConfigTree = Readonly<Record<string, string>>;

const QUICKSTART = fileURLToPath(new URL('../../../../examples/quickstart', import.meta.url));

/** What of this machine the tree must name. */
export interface QuickstartPlaces {
  /** `ip:port` of each engine. */
  readonly engines: readonly string[];
  readonly providerUrl: string;
  /** The key of team red: the tree gets its hash. */
  readonly key: string;
}

/** The tree of examples/quickstart with the addresses of this machine and the hash of a key that we hold. */
export function quickstartTree(places: QuickstartPlaces): ConfigTree {
  const tree = readTree(QUICKSTART);
  const edit = (path: string, kind: string, change: Parameters<typeof editDocuments>[2]) => ({
    [path]: editDocuments(present(tree[path], path), kind, change),
  });
  return {
    ...tree,
    ...edit('pools/llama.yaml', 'Pool', (pool) => pool.setIn(['spec', 'endpoints', 'static'], places.engines)),
    ...edit('providers/cloud.yaml', 'Provider', (provider) => provider.setIn(['spec', 'endpoint'], places.providerUrl)),
    ...edit('teams/red.yaml', 'Key', (key) => key.setIn(['spec', 'hash'], digestOfText(places.key))),
    ...edit('tests/chat.yaml', 'Test', (test) => {
      const down = Object.fromEntries(places.engines.map((address) => [address, { down: true }]));
      const { spec } = test.toJS() as { spec: { cases: readonly { load?: unknown }[] } };
      for (const [index, { load }] of spec.cases.entries()) {
        if (load !== undefined) test.setIn(['spec', 'cases', index, 'load'], down);
      }
    }),
  };
}

function readTree(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1), readFileSync(path, 'utf8')];
    }),
  );
}
