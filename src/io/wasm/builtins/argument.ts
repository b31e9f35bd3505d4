import type { RegoValue } from '../value-text.ts';

/**
 * A builtin that cannot answer: a wrong type, a pattern that does not compile, a text that does not parse. As in OPA
 * outside its strict mode the call is then undefined; the host records the message.
 */
export class BuiltinError extends Error {
  override readonly name = 'BuiltinError';
  readonly code = 'policy-builtin';
}

/** What a builtin may look at besides its arguments. */
export interface BuiltinContext {
  /** The time of the decision, in nanoseconds since 1970. */
  readonly nowNs: bigint;
}

export type Builtin = (args: readonly RegoValue[], context: BuiltinContext) => RegoValue;

export function textAt(args: readonly RegoValue[], index: number): string {
  const value = args[index];
  if (typeof value !== 'string') throw new BuiltinError(`operand ${index + 1} must be a string`);
  return value;
}

export function integerAt(args: readonly RegoValue[], index: number): bigint {
  const value = args[index];
  if (typeof value === 'bigint') return value;
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new BuiltinError(`operand ${index + 1} must be an integer`);
  }
  return BigInt(value);
}

export function isObject(value: RegoValue | undefined): value is { readonly [key: string]: RegoValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Set);
}

export function objectAt(args: readonly RegoValue[], index: number): { readonly [key: string]: RegoValue } {
  const value = args[index];
  if (!isObject(value)) throw new BuiltinError(`operand ${index + 1} must be an object`);
  return value;
}

/** The items of an array or a set; anything else stands for itself. */
export function asItems(value: RegoValue): readonly RegoValue[] {
  if (Array.isArray(value)) return value;
  return value instanceof Set ? [...value] : [value];
}

/** The items of an array or a set. */
export function itemsAt(args: readonly RegoValue[], index: number): readonly RegoValue[] {
  const value = args[index];
  if (Array.isArray(value)) return value;
  if (value instanceof Set) return [...value];
  throw new BuiltinError(`operand ${index + 1} must be an array or a set`);
}

/** A string, or every string of an array or a set. */
export function textsAt(args: readonly RegoValue[], index: number): readonly string[] {
  const value = args[index];
  const items = typeof value === 'string' ? [value] : itemsAt(args, index);
  return items.map((item) => textAt([item], 0));
}

/** An integer that also fits a double exactly, as the shortest form. */
export function integerValue(value: bigint): RegoValue {
  const narrow = Number(value);
  return Number.isSafeInteger(narrow) ? narrow : value;
}
