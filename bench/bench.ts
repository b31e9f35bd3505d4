import type { Figure } from './figure.ts';

/** One claim with its program: `bench/<name>.ts` exports `run`. */
export interface Bench {
  /** What is measured, in one line. */
  readonly what: string;
  readonly load: () => Promise<{ run: Run }>;
}

/** Measures; `say` prints progress beside the figures. */
export type Run = (say: (line: string) => void) => Promise<{ figures: readonly Figure[] }>;
