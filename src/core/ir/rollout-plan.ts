/** How a commit reaches the proxies of a fleet. */
export interface RolloutPlan {
  /** In order; the last one is all proxies. */
  readonly waves: readonly Wave[];
  /** How long a wave is watched after its proxies have the revision. */
  readonly bakeMs: number;
  /** Requests of the revision below which its shares, costs and times say nothing. */
  readonly requestsMin: number;
  /** A proxy of a wave that has not acknowledged within this time stops the commit. */
  readonly ackTimeoutMs: number;
  readonly gates: Gates;
}

/** The proxies that have the revision after a wave, those of the waves before it included. */
export type Wave =
  | { readonly kind: 'count'; readonly proxies: number }
  /** Above 0, up to 1. */
  | { readonly kind: 'share'; readonly share: number }
  /** Those whose bootstrap gives them all of these labels. */
  | { readonly kind: 'labels'; readonly labels: Readonly<Record<string, string>> };

/** How much worse than the revision before it a revision may be. Absent gates stop nothing. */
export interface Gates {
  /** Proxies that may refuse it. */
  readonly nacks: number;
  /** Of the share of requests that fail, 0 to 1. */
  readonly errorRateRise?: number;
  /** Of the share of requests that are refused, 0 to 1. */
  readonly denyRateRise?: number;
  /** Of the mean cost of a request: 0.1 is a tenth more. */
  readonly costRise?: number;
  /** Of the 99th percentile of the time to the answer's headers: 0.2 is a fifth more. */
  readonly firstTokenP99Rise?: number;
}
