import type { Guardrail } from '../ir/guardrail.ts';
import type { Capability, Price } from '../ir/model.ts';
import type { RouteMatch, RouteRequirement, RouteTimeouts, Tier } from '../ir/route.ts';
import type { Engine } from '../ir/upstream.ts';

/**
 * What a decision reads: the IR in the form that a request needs it, as plain JSON. It is stored in the bundle and
 * holds no place of the tree (see the bundle's origins) and no secret.
 */
export interface Tables {
  readonly keys: Readonly<Record<string, KeyRow>>;
  readonly teams: Readonly<Record<string, TeamRow>>;
  /** Every name that a client may ask for, aliases included, to the model's own name. */
  readonly names: Readonly<Record<string, string>>;
  readonly models: Readonly<Record<string, ModelRow>>;
  /** By offer id (`chat-small/own`). */
  readonly offers: Readonly<Record<string, OfferRow>>;
  readonly pools: Readonly<Record<string, PoolRow>>;
  /** Most specific first. */
  readonly routes: readonly RouteRow[];
  readonly guardrails: readonly GuardrailRow[];
}

export interface KeyRow {
  readonly name: string;
  readonly team: string;
  readonly expiresAtMs?: number;
}

export interface TeamRow {
  readonly labels: Readonly<Record<string, string>>;
  readonly models: readonly string[] | '*';
}

export interface ModelRow {
  readonly class?: string;
  readonly contextTokens: number;
  readonly maxOutputTokens?: number;
  readonly capabilities: readonly Capability[];
  /** Ids of its offers, in the order written. */
  readonly offers: readonly string[];
}

export interface OfferRow {
  readonly model: string;
  readonly name: string;
  readonly upstreamModel: string;
  readonly price: Price;
  readonly region?: string;
  readonly retention?: string;
  /** The Envoy cluster of an attempt at this offer. */
  readonly cluster: string;
  /** The pool whose endpoints serve it; absent for a provider. */
  readonly pool?: string;
  readonly provider?: string;
}

export interface PoolRow {
  readonly engine: Engine;
  readonly accelerator?: string;
  readonly endpoints: readonly string[];
  readonly scrape?: { readonly path: string; readonly intervalMs: number };
}

export interface RouteRow {
  readonly name: string;
  readonly match: RouteMatch;
  readonly require: RouteRequirement;
  readonly tiers: readonly TierRow[];
  readonly attempts: number;
  /** The Envoy route that retries as this one wants. */
  readonly attemptClass: string;
  readonly timeouts: RouteTimeouts;
  readonly bodyBytesMax: number;
}

export type TierRow = Pick<Tier, 'order' | 'untilWaitMs'> & { readonly arms: readonly ArmRow[] };

export interface ArmRow {
  readonly model?: string;
  readonly offers?: readonly string[];
  readonly weight: number;
}

export type GuardrailRow = Omit<Guardrail, 'origin'>;
