import { decodeText } from './codec/decode-text.ts';

/**
 * The headers or trailers of one ext_proc message, as places inside the message's bytes. Values are decoded on lookup:
 * a decision reads five of twenty-five. A list keeps its message's buffer alive, so copy out what must outlive the step.
 */
export interface HeaderList {
  readonly bytes: Uint8Array;
  /** Four numbers per header: name start, name end, value start, value end. */
  readonly spans: readonly number[];
}

export const NO_HEADERS: HeaderList = { bytes: new Uint8Array(0), spans: [] };

const SPAN_NUMBERS = 4;

/** The first value of a header; `name` in lower case, as Envoy sends all names (`:path`, `content-type`). */
export function headerValue(list: HeaderList, name: string): string | undefined {
  const at = find(list, name, 0);
  return at === undefined ? undefined : text(list, at + 2);
}

/** Every value of a header in order: Envoy sends a repeated header once per value. */
export function headerValues(list: HeaderList, name: string): string[] {
  const values: string[] = [];
  for (let at = find(list, name, 0); at !== undefined; at = find(list, name, at + SPAN_NUMBERS)) {
    values.push(text(list, at + 2));
  }
  return values;
}

/** The names of all headers, each once, in order. */
export function headerNames(list: HeaderList): string[] {
  const names = new Set<string>();
  for (let at = 0; at < list.spans.length; at += SPAN_NUMBERS) names.add(text(list, at));
  return [...names];
}

/** All headers as pairs, in order. */
export function headerEntries(list: HeaderList): [name: string, value: string][] {
  const entries: [string, string][] = [];
  for (let at = 0; at < list.spans.length; at += SPAN_NUMBERS) entries.push([text(list, at), text(list, at + 2)]);
  return entries;
}

/** The list on a copy of its bytes: what outlives a step must not keep what was read from the socket with it. */
export function detached(list: HeaderList): HeaderList {
  return { bytes: list.bytes.slice(), spans: list.spans };
}

/** A list made of pairs, for tests, replays and the simulators. */
export function headerList(entries: Iterable<readonly [name: string, value: string]>): HeaderList {
  const encoder = new TextEncoder();
  const bytes: number[] = [];
  const spans: number[] = [];
  for (const pair of entries) {
    for (const part of pair) {
      spans.push(bytes.length);
      bytes.push(...encoder.encode(part));
      spans.push(bytes.length);
    }
  }
  return { bytes: Uint8Array.from(bytes), spans };
}

function find(list: HeaderList, name: string, from: number): number | undefined {
  const { bytes, spans } = list;
  for (let at = from; at < spans.length; at += SPAN_NUMBERS) {
    const start = spans[at] as number;
    if ((spans[at + 1] as number) - start !== name.length) continue;
    let index = name.length - 1;
    while (index >= 0 && bytes[start + index] === name.charCodeAt(index)) index -= 1;
    if (index < 0) return at;
  }
  return undefined;
}

function text(list: HeaderList, at: number): string {
  return decodeText(list.bytes, list.spans[at] as number, list.spans[at + 1] as number);
}
