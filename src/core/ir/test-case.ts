import type { Origin } from './origin.ts';

/** What must hold: one request and the decision that it must get. A case that fails is an error of the commit. */
export interface TestCase {
  /** The Test document and the case's own name: `chat/busy own GPUs spill over`. */
  readonly name: string;
  readonly origin: Origin;
  readonly team: string;
  readonly request: TestRequest;
  /** Load by endpoint address; an endpoint that is not named is idle. */
  readonly load: Readonly<
    Record<string, { readonly waiting: number; readonly running: number; readonly down: boolean }>
  >;
  readonly expect: TestExpectation;
}

export interface TestRequest {
  readonly model: string;
  readonly stream: boolean;
  /** The size of the prompt where no messages are given. */
  readonly promptTokens: number;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly headers: Readonly<Record<string, string>>;
}

export type TestExpectation =
  | { readonly kind: 'offer'; readonly offer: string }
  | { readonly kind: 'denied'; readonly code: string };
