/** Whole events of a byte stream, and what is left over. */
export interface SplitEvents {
  /** Each with the empty line that ends it. */
  readonly events: readonly Uint8Array[];
  readonly rest: Uint8Array;
  /** Where the last, unfinished line of `rest` begins: the search goes on there. */
  readonly lineStart: number;
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * Cuts a stream of server-sent events at its empty lines (WHATWG HTML, section 9.2.5: lines end with LF, CR LF or CR).
 * A CR at the end waits for the next byte, unless the stream is complete; then what is left counts as an event too.
 */
export function splitEvents(bytes: Uint8Array, lineStartBefore: number, isComplete: boolean): SplitEvents {
  const events: Uint8Array[] = [];
  let eventStart = 0;
  let lineStart = lineStartBefore;
  for (let at = lineStart; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte !== LF && byte !== CR) continue;
    if (byte === CR && at + 1 === bytes.length && !isComplete) break;
    const end = byte === CR && bytes[at + 1] === LF ? at + 2 : at + 1;
    if (at === lineStart) {
      events.push(bytes.subarray(eventStart, end));
      eventStart = end;
    }
    lineStart = end;
    at = end - 1;
  }
  if (isComplete && eventStart < bytes.length) {
    events.push(bytes.subarray(eventStart));
    eventStart = bytes.length;
    lineStart = bytes.length;
  }
  return { events, rest: bytes.subarray(eventStart), lineStart: lineStart - eventStart };
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();
const LINE_END = /\r\n|\n|\r/;
const DATA_LINE = /^\ufeff?data(?:: ?|$)/;

/** The data of an event, its lines joined; undefined for one without. Wrong UTF-8 reads as clients read it. */
export function eventData(event: Uint8Array): string | undefined {
  const lines = decoder.decode(event).split(LINE_END);
  const data = lines.filter((line) => DATA_LINE.test(line));
  return data.length === 0 ? undefined : data.map((line) => line.replace(DATA_LINE, '')).join('\n');
}

/** The event with other data; its other lines stay. */
export function withData(event: Uint8Array, data: string): Uint8Array {
  const lines = decoder.decode(event).split(LINE_END);
  const others = lines.filter((line) => line !== '' && !DATA_LINE.test(line));
  return encoder.encode([...others, `data: ${data}`, '', ''].join('\n'));
}
