import { isMap, isScalar, type Node, type Pair } from 'yaml';
import type { Path } from '../diagnostics/locate.ts';
import { keyText } from '../diagnostics/place.ts';
import { isKind, KINDS } from '../language/kinds.ts';
import { keysAt } from '../language/schema-walk.ts';

/** The keys that a mapping of the document has in its kind's schema, in the order of the schema. */
export type KeyOrder = (path: Path) => readonly string[];

/** The order of a document: the envelope first, then what its kind says. Of an unknown kind only the envelope. */
export function keyOrderOf(root: Node | null): KeyOrder {
  const kind = isMap(root) ? root.get('kind') : undefined;
  if (!isKind(kind)) return (path) => (path.length === 0 ? ENVELOPE : []);
  const { schema } = KINDS[kind];
  return (path) => keysAt(schema, path);
}

const ENVELOPE = ['apiVersion', 'kind', 'metadata', 'spec'];

/** The pairs in that order; those that it does not name come behind, as they were written. */
export function orderedPairs(pairs: readonly Pair[], order: readonly string[]): Pair[] {
  const places = new Map(order.map((key, index) => [key, index]));
  const place = ({ key }: Pair) => (isScalar(key) ? (places.get(keyText(key)) ?? order.length) : order.length);
  return pairs.toSorted((left, right) => place(left) - place(right));
}
