import { InvalidArgumentError } from 'commander';
import { durationMs } from '../../core/base/duration.ts';

/** A duration as an option's value, in milliseconds: `60s`. */
export function durationOption(text: string): number {
  const value = durationMs(text);
  if (value !== undefined) return value;
  throw new InvalidArgumentError('write a number and a unit, such as 60s or 4h');
}
