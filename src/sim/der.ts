/** The tags of X.690 that a certificate needs. */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One DER element (X.690 section 8.1): tag, length in its shortest form, content. */
function derElement(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), derLength(content.length), content]);
}

export function derSequence(...parts: readonly Uint8Array[]): Buffer {
  return derElement(TAG.sequence, ...parts);
}

export function derSet(...parts: readonly Uint8Array[]): Buffer {
  return derElement(TAG.set, ...parts);
}

export function derTrue(): Buffer {
  return derElement(TAG.boolean, Buffer.from([0xff]));
}

/** A whole number of zero or more, given as its bytes, most significant first. */
export function derUnsigned(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Buffer.from([0]) : bytes.subarray(first);
  const sign = (digits[0] ?? 0) >= 0x80 ? Buffer.from([0]) : Buffer.alloc(0);
  return derElement(TAG.integer, sign, digits);
}

export function derBits(bytes: Uint8Array, unusedBits = 0): Buffer {
  return derElement(TAG.bitString, Buffer.from([unusedBits]), bytes);
}

export function derOctets(bytes: Uint8Array): Buffer {
  return derElement(TAG.octetString, bytes);
}

export function derText(text: string): Buffer {
  return derElement(TAG.utf8String, Buffer.from(text));
}

/** UTCTime, the form that RFC 5280 section 4.1.2.5 asks for until the year 2049. */
export function derTime(at: Date): Buffer {
  const digits = at.toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return derElement(TAG.utcTime, Buffer.from(`${digits}Z`));
}

/** An object identifier in its dotted form, such as `2.5.29.17`. */
export function derObjectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return derElement(TAG.objectId, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** A context-specific element of the given number, constructed or primitive. */
export function derContext(number: number, form: 'constructed' | 'primitive', ...parts: readonly Uint8Array[]): Buffer {
  return derElement((form === 'constructed' ? 0xa0 : 0x80) | number, ...parts);
}

function derLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Buffer.from([0x80 | digits.length, ...digits]);
}

function base128(value: number): number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift((rest % 128) | 0x80);
  return digits;
}
