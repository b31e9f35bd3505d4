import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { Digest } from '../../core/base/digest.ts';
import {
  BUCKETS_MAX,
  type CounterKey,
  counterKey,
  type RevisionCounters,
} from '../../core/rollout/revision-counters.ts';
import {
  ControlMessageSchema,
  DeciderMessageSchema,
  type RevisionCounters as WireCounters,
} from '../../gen/headgate/bundle/v1/bundle_pb.js';

/** Who a decider is. */
export interface Hello {
  /** Unique among all deciders, and the same after a restart. */
  readonly decider: string;
  /** New at every start. */
  readonly instance: string;
  /** Where proxies reach it: `IP:PORT` or `unix:PATH`; empty where none shall be told of it. */
  readonly address: string;
  readonly version: string;
}

/** Totals since a decider's start, by digest and fleet. */
export type CountersByKey = ReadonlyMap<CounterKey, RevisionCounters>;

export type DeciderMessage =
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'held'; readonly digests: readonly Digest[] }
  | { readonly kind: 'counters'; readonly counters: CountersByKey }
  | { readonly kind: 'leaving' };

/** The digests by which proxies may ask for decisions. */
export interface InUse {
  /** What serves; undefined while nothing does. */
  readonly live: Digest | undefined;
  /** What is on its way to the proxies. */
  readonly candidate: Digest | undefined;
  /** What a decider must hold before proxies are sent to it. */
  readonly needed: readonly Digest[];
  /** What single proxies still name. */
  readonly named: readonly Digest[];
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** More digests than a control plane keeps bundles of. */
const DIGESTS_MAX = 1_000;
/** Names come from another machine and end in logs and status. */
const TEXT_CHARS_MAX = 300;

export function encodeDeciderMessage(message: DeciderMessage): Uint8Array {
  return toBinary(DeciderMessageSchema, create(DeciderMessageSchema, { kind: wireKind(message) }));
}

/** Undefined for what no decider of ours says. */
export function decodeDeciderMessage(bytes: Uint8Array): DeciderMessage | undefined {
  const message = attempted(() => fromBinary(DeciderMessageSchema, bytes));
  switch (message?.kind.case) {
    case 'hello': {
      const { decider, instance, address, version } = message.kind.value;
      const isShort = [decider, instance, address, version].every((text) => text.length <= TEXT_CHARS_MAX);
      if (!isShort || decider === '' || instance === '') return undefined;
      return { kind: 'hello', hello: { decider, instance, address, version } };
    }
    case 'held': {
      const digests = digestsOf(message.kind.value.digests);
      return digests === undefined ? undefined : { kind: 'held', digests };
    }
    case 'counters':
      return decodeCounters(message.kind.value.revisions);
    case 'leaving':
      return { kind: 'leaving' };
    case undefined:
      return undefined;
  }
}

export function encodeInUse({ live, candidate, needed, named }: InUse): Uint8Array {
  const value = { live: live ?? '', candidate: candidate ?? '', needed: [...needed], named: [...named] };
  return toBinary(ControlMessageSchema, create(ControlMessageSchema, { kind: { case: 'inUse', value } }));
}

/** Undefined for a message of a later version, which a decider passes over. */
export function decodeInUse(bytes: Uint8Array): InUse | undefined {
  const message = attempted(() => fromBinary(ControlMessageSchema, bytes));
  if (message?.kind.case !== 'inUse') return undefined;
  const { value } = message.kind;
  const [needed, named] = [digestsOf(value.needed), digestsOf(value.named)];
  const marks = digestsOf([value.live, value.candidate].filter((digest) => digest !== ''));
  if (needed === undefined || named === undefined || marks === undefined) return undefined;
  const [live, candidate] = [value.live, value.candidate].map((text) => marks.find((digest) => digest === text));
  return { live, candidate, needed, named };
}

function wireKind(message: DeciderMessage): NonNullable<MessageInitShape<typeof DeciderMessageSchema>['kind']> {
  switch (message.kind) {
    case 'hello':
      return { case: 'hello', value: { ...message.hello } };
    case 'held':
      return { case: 'held', value: { digests: [...message.digests] } };
    case 'counters':
      return { case: 'counters', value: { revisions: [...message.counters].map(wireCounters) } };
    case 'leaving':
      return { case: 'leaving', value: {} };
  }
}

function wireCounters([key, counters]: readonly [CounterKey, RevisionCounters]) {
  const space = key.indexOf(' ');
  const [digest, fleet] = [key.slice(0, space), key.slice(space + 1)];
  const { requests, errors, denials, costUsd, costUsdSquares, firstTokens } = counters;
  const buckets = Object.entries(firstTokens).map(([bucket, count]) => [bucket, BigInt(count)] as const);
  return {
    ...{ digest, fleet, requests: BigInt(requests), errors: BigInt(errors), denials: BigInt(denials) },
    ...{ costUsd, costUsdSquares, firstTokens: Object.fromEntries(buckets) },
  };
}

function decodeCounters(revisions: readonly WireCounters[]): DeciderMessage | undefined {
  if (digestsOf(revisions.map(({ digest }) => digest)) === undefined) return undefined;
  // A cost that is no number would pass every gate.
  const isCost = (usd: number) => Number.isFinite(usd) && usd >= 0;
  if (!revisions.every(({ costUsd, costUsdSquares }) => isCost(costUsd) && isCost(costUsdSquares))) return undefined;
  const counters = revisions.map(({ digest, fleet, firstTokens, ...totals }) => {
    const buckets = Object.entries(firstTokens).filter(([bucket]) => Number(bucket) < BUCKETS_MAX);
    return [
      counterKey(digest as Digest, fleet),
      {
        requests: Number(totals.requests),
        errors: Number(totals.errors),
        denials: Number(totals.denials),
        costUsd: totals.costUsd,
        costUsdSquares: totals.costUsdSquares,
        firstTokens: Object.fromEntries(buckets.map(([bucket, count]) => [bucket, Number(count)])),
      },
    ] as const;
  });
  return { kind: 'counters', counters: new Map(counters) };
}

function digestsOf(texts: readonly string[]): readonly Digest[] | undefined {
  return texts.length <= DIGESTS_MAX && texts.every((text) => DIGEST.test(text)) ? (texts as Digest[]) : undefined;
}

function attempted<Given>(decode: () => Given): Given | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}
