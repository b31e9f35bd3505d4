const UNIT_BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** The form of a size in our documents: a whole number and a unit (B, KiB, MiB or GiB), such as `8MiB`. */
export const SIZE_PATTERN = '^[0-9]{1,9}(B|KiB|MiB|GiB)$';

/** Bytes of a text that SIZE_PATTERN accepts, undefined for any other. */
export function sizeBytes(text: string): number | undefined {
  const match = /^([0-9]{1,9})(B|KiB|MiB|GiB)$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * (UNIT_BYTES[match[2] ?? ''] ?? Number.NaN);
}
