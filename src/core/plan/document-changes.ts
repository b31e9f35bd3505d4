import { sameJson } from '../base/same-json.ts';
import { byCodeUnit } from '../base/text-order.ts';
import type { Ir } from '../ir/ir.ts';
import { isOrigin, type Origin, withoutOrigins } from '../ir/origin.ts';
import { fieldChanges } from './field-changes.ts';

/** A document of the language that one revision has and the other has not, or has otherwise. */
export interface DocumentChange {
  readonly kind: DocumentKind;
  readonly name: string;
  readonly action: 'added' | 'changed' | 'removed';
  /** What changed in words, a field each. */
  readonly fields: readonly string[];
  /** Where it stands, in the head; of what is removed, in the base. */
  readonly place: Origin;
}

export type DocumentKind = (typeof LISTS)[number][0];

/** In the order in which they are told. */
const LISTS = [
  ['provider', 'providers'],
  ['pool', 'pools'],
  ['model', 'models'],
  ['route', 'routes'],
  ['guardrail', 'guardrails'],
  ['policy', 'policies'],
  ['team', 'teams'],
  ['key', 'keys'],
  ['fleet', 'fleets'],
  ['change limits', 'changeLimits'],
] as const satisfies readonly (readonly [string, keyof Ir])[];

interface Node {
  readonly name: string;
  readonly origin: Origin;
}

/** What the documents of two revisions say differently, by kind and name. Their order and places do not count. */
export function documentChanges(base: Ir, head: Ir): DocumentChange[] {
  return LISTS.flatMap(([kind, list]) => changesOf(kind, nodesOf(base, list), nodesOf(head, list)));
}

function nodesOf(ir: Ir, list: (typeof LISTS)[number][1]): ReadonlyMap<string, Node> {
  const nodes: readonly Node[] =
    list === 'policies'
      ? ir.policies.map(({ path, text }) => ({ name: path, text, origin: { file: path, line: 1, column: 1 } }))
      : ir[list];
  return new Map(nodes.map((node) => [node.name, node]));
}

function changesOf(
  kind: DocumentKind,
  base: ReadonlyMap<string, Node>,
  head: ReadonlyMap<string, Node>,
): DocumentChange[] {
  const names = [...new Set([...base.keys(), ...head.keys()])].sort(byCodeUnit);
  return names.flatMap((name): DocumentChange[] => {
    const before = base.get(name);
    const after = head.get(name);
    if (after === undefined) {
      return before === undefined ? [] : [{ kind, name, action: 'removed', fields: [], place: before.origin }];
    }
    if (before === undefined) return [{ kind, name, action: 'added', fields: [], place: after.origin }];
    if (sameJson(before, after, isPlace)) return [];
    const fields =
      kind === 'policy' ? textChange(before, after) : fieldChanges(withoutOrigins(before), withoutOrigins(after));
    return fields.length === 0 ? [] : [{ kind, name, action: 'changed', fields, place: after.origin }];
  });
}

const isPlace = (key: string, member: unknown) => key === 'origin' && isOrigin(member);

function textChange(before: Node, after: Node): string[] {
  const textOf = (node: Node) => ('text' in node ? node.text : undefined);
  return textOf(before) === textOf(after) ? [] : ['its rules are written otherwise'];
}
