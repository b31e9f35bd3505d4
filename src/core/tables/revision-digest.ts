import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { type Digest, digestOfBytes, digestOfJson, digestOfText } from '../base/digest.ts';
import { perObject, perObjects } from '../base/remember.ts';
import type { Ir } from '../ir/ir.ts';
import { isOrigin } from '../ir/origin.ts';
import type { Tables } from './tables.ts';

/**
 * What a revision means, as one digest: of the IR without places, of the tables, of the policy Wasm and of what else a
 * decider goes by when it asks the policies. Two commits with the same digest are the same revision, and nothing is pushed
 * when one follows the other. Tests say what must hold, not what to do, so they are left out. It is a digest of digests:
 * of some nodes or rows each, then of each list of them, so that what is the same object as in the revision before is not
 * read again.
 */
export function revisionDigest(ir: Ir, tables: Tables, wasm: Uint8Array, asked: Json = {}): Digest {
  const { tests: _tests, proofs: _proofs, policies: _policies, ...lists } = ir;
  return digestOfJson({
    ir: Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, digestOfList(list)])),
    tables: Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, digestOfTable(table)])),
    wasm: digestOfWasm(wasm),
    asked,
  });
}

/** How many go into one digest: a change reads so many again, and a first time has so many digests fewer to take. */
const TOGETHER = 16;

const isPlace = (key: string, member: Json): boolean => key === 'origin' && isOrigin(member);

const digestOfWasm = perObject(digestOfBytes);

const digestOfSome = perObjects(
  (...nodes: readonly [object, ...object[]]): Digest =>
    digestOfText(nodes.map((node) => canonicalJson(node as Json, isPlace)).join('\n')),
);

const digestOfList = perObject((nodes: readonly object[]): Digest => {
  const digests: Digest[] = [];
  for (let index = 0; index < nodes.length; index += TOGETHER) {
    const [first, ...others] = nodes.slice(index, index + TOGETHER);
    if (first !== undefined) digests.push(digestOfSome(first, ...others));
  }
  return digestOfJson(digests);
});

const digestOfTable = perObject((table: Tables[keyof Tables]): Digest => {
  if (Array.isArray(table)) return digestOfList(table as readonly object[]);
  const rows = Object.values(table as Readonly<Record<string, string | object>>);
  const objects = rows.filter((row) => typeof row === 'object');
  const texts = rows.filter((row) => typeof row === 'string');
  return digestOfJson([Object.keys(table), texts, digestOfList(objects)]);
});
