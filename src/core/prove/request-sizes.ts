import { present } from '../base/assert.ts';
import { OUTPUT_TOKENS_EXPECTED } from '../decide/facts.ts';
import type { Revision } from '../decide/revision.ts';
import type { Capability } from '../ir/model.ts';
import type { ModelRow, OfferRow, RouteRow } from '../tables/tables.ts';

/** What a request asks of the models, as far as they tell it apart. */
export interface AskedSize {
  readonly needs: readonly Capability[];
  readonly promptTokens: number;
  /** Absent where the request sets no limit. */
  readonly outputTokensMax?: number;
}

/** What a request can ask for; the other capabilities are for matching alone. */
const REQUESTABLE: readonly Capability[] = ['streaming', 'tools', 'jsonSchema', 'vision'];
const PLAIN_TOKENS = 100;
/** A token of a prompt has this many bytes in the estimate that decides. */
const BYTES_PER_TOKEN = 4;

type Size = Omit<AskedSize, 'needs'>;

/** Every request that the wanted offer's model can serve, as far as the offers of the route treat them differently. */
export function* askedSizes(
  revision: Revision,
  route: RouteRow,
  listed: readonly (readonly OfferRow[])[],
  wanted: OfferRow,
): Generator<AskedSize> {
  const modelOf = (row: OfferRow): ModelRow => present(revision.models.get(row.model), 'the model of an offer');
  const own = modelOf(wanted);
  const models = [...new Set(listed.flat().map(modelOf))];
  const telling = REQUESTABLE.filter(
    (need) => own.capabilities.includes(need) && models.some((model) => !model.capabilities.includes(need)),
  );
  const totals = new Set(models.map((model) => model.contextTokens).filter((tokens) => tokens <= own.contextTokens));
  const promptMax = Math.floor(route.bodyBytesMax / BYTES_PER_TOKEN);
  const pairs = route.tiers.flatMap(({ order }, index) => (order === 'price' ? pairsOf(listed[index] ?? []) : []));
  const plain: Size = { promptTokens: Math.min(PLAIN_TOKENS, own.contextTokens) };
  const sizes = [
    ...[...totals].flatMap((total) => limitedSizes(pairs, total)),
    ...[...totals].flatMap((total) => unlimitedSizes(pairs, total)),
  ];
  // The plain size with all needs first: a witness that asks for tools says more than one of a thousand tokens.
  for (const group of [[plain], sizes]) {
    const possible = group.filter(({ promptTokens }) => promptTokens >= 1 && promptTokens <= promptMax);
    yield* subsets(telling).flatMap((needs) => possible.map((size) => ({ needs, ...size })));
  }
}

type Pair = readonly [OfferRow, OfferRow];

/** Offers that one tier orders, each two with a price of their own. */
function pairsOf(rows: readonly OfferRow[]): Pair[] {
  return rows.flatMap((left, index) => rows.slice(index + 1).map((right): Pair => [left, right]));
}

/** Prompt and answer are `total` tokens: in the extremes, and around where two offers cost the same. */
function limitedSizes(pairs: readonly Pair[], total: number): Size[] {
  const equal = pairs.map(([left, right]) => {
    const input = left.price.inputUsd - right.price.inputUsd;
    const output = left.price.outputUsd - right.price.outputUsd;
    return (total * output) / (output - input);
  });
  const sizes = new Set([1, total - 1, ...equal.flatMap(around)]);
  return [...sizes]
    .filter((promptTokens) => promptTokens < total)
    .map((promptTokens) => ({ promptTokens, outputTokensMax: total - promptTokens }));
}

/** The request sets no limit, and its answer is priced as the expected one. */
function unlimitedSizes(pairs: readonly Pair[], total: number): Size[] {
  const equal = pairs.map(([left, right]) => {
    const input = left.price.inputUsd - right.price.inputUsd;
    const output = left.price.outputUsd - right.price.outputUsd;
    return (-OUTPUT_TOKENS_EXPECTED * output) / input;
  });
  const sizes = new Set([1, total, ...equal.flatMap(around)]);
  return [...sizes].filter((promptTokens) => promptTokens <= total).map((promptTokens) => ({ promptTokens }));
}

/** The whole numbers beside a point; none where two lines never meet. */
function around(point: number): number[] {
  if (!Number.isFinite(point)) return [];
  return [Math.floor(point) - 1, Math.floor(point), Math.ceil(point), Math.ceil(point) + 1];
}

function subsets(needs: readonly Capability[]): Capability[][] {
  const sets: Capability[][] = [[]];
  for (const need of needs) sets.push(...sets.map((set) => [...set, need]));
  return sets;
}
