import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  visit,
} from 'yaml';
import { failed, ok, type Result } from '../base/result.ts';
import { keyText } from '../diagnostics/place.ts';

/** A value of the file that is imported, with the way to it. */
export interface Place {
  readonly node: Node;
  /** Where it begins: at its key, where it has one. */
  readonly offset: number;
  /** Such as `model_list[0].litellm_params`; empty for a whole document. */
  readonly path: string;
}

/** Something that the result does not say, or says as a guess, with its line in the source. */
export interface Remark {
  readonly kind: 'left-out' | 'to-check';
  readonly line: number;
  readonly path: string;
  readonly why: string;
}

/** A file while it is imported: what was read of it is known, so that nothing is passed over in silence. */
export interface Source {
  readonly documents: readonly Place[];
  readonly lines: LineCounter;
  /** What each alias of YAML stands for. */
  readonly aliases: ReadonlyMap<Node, Node>;
  readonly read: Set<Node>;
  readonly remarks: Remark[];
}

/** More than any configuration is; a parser never sees more. */
const SOURCE_CHARS_MAX = 4 * 1024 * 1024;

/** The file as places; the error is the first thing that is no YAML, with its line. */
export function openSource(text: string): Result<Source, { readonly line: number; readonly message: string }> {
  if (text.length > SOURCE_CHARS_MAX) return failed({ line: 1, message: `longer than ${SOURCE_CHARS_MAX} characters` });
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, merge: false });
  const documents = 'empty' in parsed ? [] : parsed;
  const error = documents.flatMap((document) => document.errors)[0];
  if (error !== undefined) {
    return failed({ line: lines.linePos(error.pos[0]).line, message: error.message.split('\n')[0] ?? '' });
  }
  const places = documents.flatMap(({ contents }) =>
    contents === null ? [] : [placeOf(contents, contents, titleOf(contents))],
  );
  const aliases = new Map(documents.flatMap((document) => [...aliasesOf(document)]));
  return ok({ documents: places, lines, aliases, read: new Set(), remarks: [] });
}

/** An anchor counts from where it stands on, and until another one has its name. */
function aliasesOf(document: Document.Parsed): Map<Node, Node> {
  const anchors = new Map<string, Node>();
  const aliases = new Map<Node, Node>();
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target !== undefined) aliases.set(node, target);
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return aliases;
}

/** How a manifest of Kubernetes is called; other documents need no name. */
function titleOf(root: Node): string {
  const kind = isMap(root) ? root.get('kind') : undefined;
  const name = isMap(root) ? root.getIn(['metadata', 'name']) : undefined;
  return typeof kind === 'string' ? `${kind}/${String(name)}` : '';
}

/** The value of a key; it counts as read. */
export function child(source: Source, place: Place | undefined, key: string): Place | undefined {
  const pair = pairsOf(place).find((item) => isScalar(item.key) && keyText(item.key) === key);
  return pair === undefined ? undefined : opened(source, belowKey(pair, place?.path ?? '', key));
}

/** The value at the end of several keys. */
export function at(source: Source, place: Place | undefined, ...keys: readonly string[]): Place | undefined {
  return keys.reduce((current: Place | undefined, key) => child(source, current, key), place);
}

/** The entries of a list; they count as read. */
export function items(source: Source, place: Place | undefined): Place[] {
  if (!isSeq(place?.node)) return [];
  return place.node.items.map((item, index) => opened(source, entryOf(item, index, place.path)));
}

/** The keys and values of a mapping; they count as read. */
export function entries(source: Source, place: Place | undefined): { readonly key: string; readonly value: Place }[] {
  return pairsOf(place).flatMap((pair) => {
    if (!isScalar(pair.key)) return [];
    const key = keyText(pair.key);
    return [{ key, value: opened(source, belowKey(pair, place?.path ?? '', key)) }];
  });
}

export function textOf(place: Place | undefined): string | undefined {
  const value = isScalar(place?.node) ? place.node.value : undefined;
  if (typeof value === 'string' && value !== '') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

export function numberOf(place: Place | undefined): number | undefined {
  const value = isScalar(place?.node) ? place.node.value : undefined;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function isTrue(place: Place | undefined): boolean {
  return isScalar(place?.node) && place.node.value === true;
}

/** Says that the place, with all in it, has no counterpart. */
export function leaveOut(source: Source, place: Place | undefined, why: string): void {
  if (place === undefined) return;
  source.remarks.push(remark(source, 'left-out', place, why));
  readAll(source, place.node);
}

/** Passes over what says nothing about requests, such as labels of a manifest. */
export function passOver(source: Source, place: Place | undefined): void {
  if (place !== undefined) readAll(source, place.node);
}

/** Says that the result holds something which the file did not. */
export function toCheck(source: Source, place: Place, why: string): void {
  source.remarks.push(remark(source, 'to-check', place, why));
}

/** Adds a remark for all that nobody has read, and gives the remarks in order of their lines. */
export function allRemarks(source: Source): Remark[] {
  for (const place of source.documents) tellUnread(source, place);
  return source.remarks.toSorted((left, right) => left.line - right.line);
}

function tellUnread(source: Source, place: Place): void {
  const { node, path } = place;
  const below = isSeq(node)
    ? node.items.map((item, index) => entryOf(item, index, path))
    : pairsOf(place).map((pair) => belowKey(pair, path, String(pair.key)));
  for (const each of below) {
    if (source.read.has(each.node)) tellUnread(source, each);
    else leaveOut(source, each, 'headgate has no setting for this');
  }
}

function readAll(source: Source, node: Node): void {
  source.read.add(node);
  if (isSeq(node)) for (const item of node.items) readAll(source, item as Node);
  if (isMap(node)) for (const pair of node.items) readAll(source, nodeOf(pair));
}

function opened(source: Source, place: Place): Place {
  source.read.add(place.node);
  const target = source.aliases.get(place.node);
  if (target === undefined) return place;
  source.read.add(target);
  return { ...place, node: target };
}

function placeOf(node: Node, start: unknown, path: string): Place {
  return { node, path, offset: (isNode(start) ? start.range?.[0] : undefined) ?? node.range?.[0] ?? 0 };
}

function entryOf(item: unknown, index: number, path: string): Place {
  return placeOf(item as Node, item, `${path}[${index}]`);
}

function belowKey(pair: Pair, path: string, key: string): Place {
  return placeOf(nodeOf(pair), pair.key, path === '' ? key : `${path}.${key}`);
}

function remark(source: Source, kind: Remark['kind'], { offset, path }: Place, why: string): Remark {
  return { kind, line: source.lines.linePos(offset).line, path, why };
}

function pairsOf(place: Place | undefined): Pair[] {
  return isMap(place?.node) ? place.node.items : [];
}

/** A key without a value has an empty scalar as its value. */
function nodeOf(pair: Pair): Node {
  return pair.value as Node;
}
