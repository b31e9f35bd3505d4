import type { Json } from '../base/canonical-json.ts';
import { type Digest, digestOfBytes, digestOfJson, digestOfText } from '../base/digest.ts';
import { perObject } from '../base/remember.ts';
import type { Ir } from '../ir/ir.ts';
import { withoutOrigins } from '../ir/origin.ts';
import type { Tables } from './tables.ts';

/**
 * What a revision means, as one digest: of the IR without places, of the tables and of the policy Wasm. Two commits
 * with the same digest are the same revision, and nothing is pushed when one follows the other. Tests say what must
 * hold, not what to do, so they are left out. It is a digest of digests: of each node and row, then of each list of
 * them, so that what is the same object as in the revision before is not read again.
 */
export function revisionDigest(ir: Ir, tables: Tables, wasm: Uint8Array): Digest {
  const { tests: _tests, proofs: _proofs, policies: _policies, ...lists } = ir;
  return digestOfJson({
    ir: Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, digestOfList(list)])),
    tables: Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, digestOfTable(table)])),
    wasm: digestOfWasm(wasm),
  });
}

const digestOfWasm = perObject(digestOfBytes);

const digestOfNode = perObject((node: object) => digestOfJson(withoutOrigins(node) as Json));

const digestOfList = perObject((nodes: readonly object[]) => digestOfText(nodes.map(digestOfNode).join('\n')));

const digestOfTable = perObject((table: Tables[keyof Tables]): Digest => {
  if (Array.isArray(table)) return digestOfList(table as readonly object[]);
  const rows = Object.entries(table as Readonly<Record<string, string | object>>).map(
    ([name, row]): [string, string] => [name, typeof row === 'string' ? row : digestOfNode(row)],
  );
  return digestOfJson(Object.fromEntries(rows));
});
