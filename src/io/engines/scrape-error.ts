export type ScrapeErrorCode =
  | 'scrape-unreachable'
  | 'scrape-timeout'
  | 'scrape-status'
  | 'scrape-too-large'
  | 'scrape-no-metrics';

/** Why the metrics of an engine could not be read. */
export class ScrapeError extends Error {
  override readonly name = 'ScrapeError';
  readonly code: ScrapeErrorCode;

  constructor(code: ScrapeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
