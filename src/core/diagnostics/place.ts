import { isMap, isNode, isScalar, isSeq, type Node } from 'yaml';

/** From an offset of the text up to and without another one. */
export type Extent = readonly [start: number, end: number];

/** Where a value stands: what is needed to find its parts again, as plain JSON. */
export interface Place {
  readonly at: Extent;
  /** A mapping or list in lines of its own: it is shown at its key. */
  readonly isBlock?: true;
  /** Of a list; null for an entry that says nothing. */
  readonly items?: readonly (Place | null)[];
  /** Of a mapping, in the order written; also those of a key that is written twice, and none of a key that is no text. */
  readonly members?: readonly MemberPlace[];
}

export interface MemberPlace {
  readonly key: string;
  readonly keyAt: Extent;
  /** Absent where the key has no value. */
  readonly value?: Place;
}

/** The places of a parsed document. */
export function placeOf(node: Node): Place {
  const at = extentOf(node);
  if (isSeq(node)) {
    return { at, ...blockOf(node), items: node.items.map((item) => (isNode(item) ? placeOf(item) : null)) };
  }
  if (!isMap(node)) return { at };
  const members = node.items.flatMap(({ key, value }): MemberPlace[] => {
    if (!isScalar(key)) return [];
    const member = { key: keyText(key), keyAt: extentOf(key) };
    return [isNode(value) ? { ...member, value: placeOf(value) } : member];
  });
  return { at, ...blockOf(node), members };
}

/** The text of a scalar key as it was written: `1.10` stays `1.10`. */
export function keyText(key: { readonly value: unknown; readonly source?: string }): string {
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

function extentOf({ range }: Node): Extent {
  const start = range?.[0] ?? 0;
  return [start, range?.[1] ?? start];
}

function blockOf({ flow }: { readonly flow?: boolean }): Pick<Place, 'isBlock'> {
  return flow === true ? {} : { isBlock: true };
}
