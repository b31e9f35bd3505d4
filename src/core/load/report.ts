/** What one scrape of an engine said. A member is absent where the engine has no such metric. */
export interface EngineReport {
  readonly atMs: number;
  readonly waiting?: number;
  readonly running?: number;
  /** 0 to 1. */
  readonly kvUsage?: number;
  readonly kvBlocks?: number;
  readonly kvBlockTokens?: number;
  readonly prefixHits?: number;
  readonly prefixQueries?: number;
  readonly ttftSumSeconds?: number;
  readonly ttftCount?: number;
  readonly promptTokensTotal?: number;
  readonly generationTokensTotal?: number;
  readonly processStartSeconds?: number;
}
