/** How fast a simulated GPU is. */
export interface Speed {
  readonly prefillTokensPerSecond: number;
  /** Of one sequence alone; every other sequence in the batch slows the step a little. */
  readonly decodeTokensPerSecond: number;
  /** Multiplies both rates: 0.4 is a GPU 2.5 times slower. */
  readonly scale: number;
}

/** About one large accelerator with a model of 8 billion parameters. */
export const DEFAULT_SPEED: Speed = { prefillTokensPerSecond: 20_000, decodeTokensPerSecond: 100, scale: 1 };

/** Decoding is bound by memory, so a sequence more costs little: 100 of them double the time of a step. */
const DECODE_SLOWDOWN_PER_SEQUENCE = 0.01;

/** Milliseconds of one step that computes so many prompt tokens and decodes one token of so many sequences. */
export function stepDurationMs(speed: Speed, prefillTokens: number, decodingSequences: number): number {
  const prefillMs = (prefillTokens * 1_000) / speed.prefillTokensPerSecond;
  const decodeMs =
    decodingSequences === 0
      ? 0
      : (1_000 / speed.decodeTokensPerSecond) * (1 + DECODE_SLOWDOWN_PER_SEQUENCE * (decodingSequences - 1));
  return (prefillMs + decodeMs) / speed.scale;
}
