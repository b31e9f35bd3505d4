import { InvalidArgumentError } from 'commander';

/** A whole number above 0, as an option's value. */
export function countOption(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('write a whole number above 0');
}
