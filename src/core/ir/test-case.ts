import type { Origin } from './origin.ts';
import type { RetryWord } from './route.ts';

/** What must hold: one request and the decision that it must get. A case that fails is an error of the commit. */
export interface TestCase {
  /** The Test document and the case's own name: `chat/busy own GPUs spill over`. */
  readonly name: string;
  readonly origin: Origin;
  readonly team: string;
  /** The name of the key that is shown; absent where it does not matter. */
  readonly key?: string;
  readonly request: TestRequest;
  /** Load by endpoint address; an endpoint that is not named is idle. */
  readonly load: Readonly<
    Record<string, { readonly waiting: number; readonly running: number; readonly down: boolean }>
  >;
  /** Names of guardrails that give no decision; absent for none. */
  readonly failing?: readonly string[];
  /** The source of chance; absent for one that the name gives. */
  readonly seed?: number;
  /** What the upstream answers, where the answer is tested too. */
  readonly answer?: TestAnswer;
  readonly expect: TestExpectation;
  /** What must be so beside the offer or the refusal; absent members are not looked at. */
  readonly also: TestDetails;
}

export interface TestRequest {
  readonly model: string;
  readonly stream: boolean;
  /** The size of the prompt where no messages are given. */
  readonly promptTokens: number;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly headers: Readonly<Record<string, string>>;
}

export interface TestAnswer {
  readonly chunks: readonly string[];
  /** In the pieces that are listed, or in two at every character. */
  readonly cut: 'listed' | 'every';
}

export type TestExpectation =
  | { readonly kind: 'offer'; readonly offer: string }
  /** By a refusal of the request, or by a guardrail on the answer. */
  | { readonly kind: 'denied'; readonly code: string };

export interface TestDetails {
  /** The address that is tried first. */
  readonly endpoint?: string;
  /** The offers that are tried, in order, each once. */
  readonly attempts?: readonly string[];
  readonly retry?: {
    /** Tries in all. */
    readonly attempts?: number;
    /** Sorted. */
    readonly on?: readonly RetryWord[];
  };
  readonly timeouts?: {
    /** Of one try. */
    readonly tryMs?: number;
    readonly idleMs?: number;
    readonly totalMs?: number;
  };
  /** Headers that headgate sets: `headgate-model` on an answer, `content-type` on a refusal. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Rules of findings that are taken out of the request and of the answer, sorted. */
  readonly redactions?: readonly string[];
  /** Texts that may not be in the request that goes upstream. */
  readonly neverSent?: readonly string[];
  /** Texts that the client may not see, however the answer is cut. */
  readonly neverVisible?: readonly string[];
  /** What the client sees of the answer, all of it. */
  readonly text?: string;
}
