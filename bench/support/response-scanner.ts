/** What a bench looks at in a DeltaDiscoveryResponse. */
export interface ScannedResponse {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly resources: number;
  /** Of the message with its gRPC prefix. */
  readonly bytes: number;
}

const PREFIX_BYTES = 5;
const FIELD = { resources: 2, typeUrl: 4, nonce: 5 } as const;

/** Reads gRPC messages piece by piece and passes over everything but type, nonce and the number of resources. */
export class ResponseScanner {
  readonly #onResponse: (response: ScannedResponse) => void;
  #carry: Buffer | undefined;
  /** Bytes left of the message, undefined between messages. */
  #left: number | undefined;
  #skip = 0;
  #bytes = 0;
  #typeUrl = '';
  #nonce = '';
  #resources = 0;

  constructor(onResponse: (response: ScannedResponse) => void) {
    this.#onResponse = onResponse;
  }

  feed(piece: Uint8Array): void {
    const view = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    const bytes = this.#carry === undefined ? view : Buffer.concat([this.#carry, view]);
    let at = 0;
    for (let read = this.#one(bytes, at); read > 0; read = this.#one(bytes, at)) at += read;
    this.#carry = at === bytes.length ? undefined : Buffer.from(bytes.subarray(at));
  }

  /** How many bytes the next thing took: a prefix, a field or a part of a field; 0 where it is not there whole. */
  #one(bytes: Buffer, at: number): number {
    const there = bytes.length - at;
    if (there === 0) return 0;
    if (this.#skip > 0) return this.#took(Math.min(this.#skip, there), true);
    if (this.#left === undefined) {
      if (there < PREFIX_BYTES) return 0;
      this.#left = bytes.readUInt32BE(at + 1);
      this.#bytes = PREFIX_BYTES + this.#left;
      return this.#took(0, false) + PREFIX_BYTES;
    }
    return this.#field(bytes, at, there);
  }

  #field(bytes: Buffer, at: number, there: number): number {
    // Field numbers of the message are below 16: one byte of tag; all are length-delimited.
    const field = (bytes[at] ?? 0) >>> 3;
    let length = 0;
    let head = 1;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at + head];
      if (byte === undefined) return 0;
      length += (byte & 127) * 2 ** shift;
      head += 1;
      if (byte < 128) break;
    }
    if (field === FIELD.typeUrl || field === FIELD.nonce) {
      if (there < head + length) return 0;
      const text = bytes.toString('latin1', at + head, at + head + length);
      if (field === FIELD.typeUrl) this.#typeUrl = text;
      else this.#nonce = text;
      return this.#took(head + length, false);
    }
    if (field === FIELD.resources) this.#resources += 1;
    this.#skip = length;
    return this.#took(head, false);
  }

  #took(count: number, isSkipped: boolean): number {
    if (isSkipped) this.#skip -= count;
    this.#left = (this.#left ?? 0) - count;
    if (this.#left === 0 && this.#skip === 0) {
      this.#left = undefined;
      const response = {
        typeUrl: this.#typeUrl,
        nonce: this.#nonce,
        resources: this.#resources,
        bytes: this.#bytes,
      };
      this.#typeUrl = '';
      this.#nonce = '';
      this.#resources = 0;
      this.#onResponse(response);
    }
    return count;
  }
}
