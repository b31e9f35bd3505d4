import type { Origin } from './origin.ts';

export type Capability = 'streaming' | 'tools' | 'jsonSchema' | 'vision' | 'reasoning';

/** A catalog entry: what clients may ask for. */
export interface Model {
  readonly name: string;
  readonly origin: Origin;
  /** Other names that clients may use, sorted. */
  readonly aliases: readonly string[];
  /** The quality class, for policies. */
  readonly class?: string;
  readonly contextTokens: number;
  readonly maxOutputTokens?: number;
  readonly capabilities: readonly Capability[];
  /** In the order written: `order: listed` means this one. */
  readonly offers: readonly Offer[];
}

/** A model at one pool or provider, at a price. */
export interface Offer {
  readonly name: string;
  readonly origin: Origin;
  readonly target: OfferTarget;
  /** The name by which the pool or provider knows the model. */
  readonly upstreamModel: string;
  readonly price: Price;
}

export type OfferTarget =
  | { readonly kind: 'pool'; readonly pool: string }
  | { readonly kind: 'provider'; readonly provider: string };

/** USD per million tokens. */
export interface Price {
  readonly inputUsd: number;
  readonly cachedInputUsd: number;
  readonly outputUsd: number;
}

/** How an offer is named across the whole catalog: `chat-small/own`. */
export function offerId(model: string, offer: string): string {
  return `${model}/${offer}`;
}
