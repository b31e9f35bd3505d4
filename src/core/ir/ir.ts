import type { ChangeLimits } from './change-limits.ts';
import type { Guardrail, PolicyModule } from './guardrail.ts';
import type { Key, Team } from './identity.ts';
import type { Model } from './model.ts';
import type { Origin } from './origin.ts';
import type { Proof } from './proof.ts';
import type { RolloutPlan } from './rollout-plan.ts';
import type { Route } from './route.ts';
import type { TestCase } from './test-case.ts';
import type { Pool, Provider } from './upstream.ts';

/**
 * The one typed model of a revision: everything after the language reads this and nothing else. References hold (a
 * name that stands here names something that is here), units are resolved, defaults are filled in, and every list is
 * sorted by name, so that equal meaning gives equal bytes whatever the files looked like.
 */
export interface Ir {
  readonly providers: readonly Provider[];
  readonly pools: readonly Pool[];
  readonly models: readonly Model[];
  /** Most specific first: the first route that matches a request wins. */
  readonly routes: readonly Route[];
  readonly guardrails: readonly Guardrail[];
  readonly policies: readonly PolicyModule[];
  readonly teams: readonly Team[];
  readonly keys: readonly Key[];
  readonly fleets: readonly Fleet[];
  readonly changeLimits: readonly ChangeLimits[];
  readonly tests: readonly TestCase[];
  readonly proofs: readonly Proof[];
}

/** A set of proxies that share one configuration, chosen by Envoy's `node.cluster`. */
export interface Fleet {
  readonly name: string;
  readonly origin: Origin;
  readonly cluster: string;
  readonly listeners: readonly Listener[];
  /** Absent: all proxies at once. */
  readonly rollout?: RolloutPlan;
}

export interface Listener {
  readonly name: string;
  readonly origin: Origin;
  /** Where the fleet's proxies listen; a single proxy's own port comes from its bootstrap. */
  readonly address: string;
  readonly port: number;
}
