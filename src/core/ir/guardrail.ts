import type { Origin } from './origin.ts';

export type Stage = 'request' | 'response';
export type DetectorName = 'secrets' | 'card' | 'email' | 'iban';

/** Policy in the path of a request or of its answer. */
export interface Guardrail {
  readonly name: string;
  readonly origin: Origin;
  /** The Rego package, without `data.` in front. */
  readonly package: string;
  readonly stages: readonly Stage[];
  readonly scope: {
    /** Names of routes; absent for every request, evaluated before the match. */
    readonly routes?: readonly string[];
    readonly teams: readonly string[] | '*';
  };
  readonly detectors: readonly DetectorName[];
  readonly mode: 'enforce' | 'shadow';
  readonly onError: 'deny' | 'allow';
  /** How a streamed answer is watched: text is held until it is safe, or the whole answer is. */
  readonly stream: 'hold' | 'buffer';
}

/** One Rego file of the revision. Test files (`*_test.rego`) are not among them. */
export interface PolicyModule {
  /** The path below the root of the watched tree. */
  readonly path: string;
  readonly text: string;
}
