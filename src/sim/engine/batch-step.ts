import { assert } from '../../core/base/assert.ts';
import { type Batch, removeSequence, type Sequence } from './batch.ts';
import { holdPrefix, matchPrefix, releaseHolding, reserveTokens, shareFullBlocks } from './kv-cache.ts';
import { stepDurationMs } from './speed.ts';

/** One forward pass that the GPU is busy with: which sequences, how many tokens of each, and for how long. */
export interface Step {
  readonly durationMs: number;
  readonly work: readonly { readonly id: number; readonly tokens: number }[];
}

/** What a finished step brought. */
export interface TokenEvent {
  readonly id: number;
  /** Of the answer's tokens, from 0. */
  readonly index: number;
  /** Prompt tokens that the prefix cache held. */
  readonly cachedTokens: number;
  readonly last: boolean;
}

interface Plan {
  readonly work: { sequence: Sequence; tokens: number }[];
  tokensLeft: number;
}

/**
 * Chooses the work of the next step as vLLM's V1 scheduler does: running sequences first, in order of admission (a
 * decoding one takes a token, a prompt as many as are left of the step), then waiting ones while there is room.
 * When a running sequence finds no KV block, the youngest running one is preempted: it loses its blocks and waits
 * again, first in the queue. Undefined when there is nothing to do.
 */
export function planStep(batch: Batch): Step | undefined {
  const plan: Plan = { work: [], tokensLeft: batch.limits.stepTokensMax };
  const preemptionsBefore = batch.totals.preemptions;
  planRunning(batch, plan);
  if (batch.totals.preemptions === preemptionsBefore) admitWaiting(batch, plan);
  if (plan.work.length === 0) return undefined;
  const decoding = plan.work.filter(({ sequence }) => sequence.generatedTokens > 0 && missingTokens(sequence) === 1);
  const prefillTokens = batch.limits.stepTokensMax - plan.tokensLeft - decoding.length;
  return {
    durationMs: stepDurationMs(batch.speed, prefillTokens, decoding.length),
    work: plan.work.map(({ sequence, tokens }) => ({ id: sequence.id, tokens })),
  };
}

/** Applies a step that has run its time: tokens come out in the order of the work; who is done leaves the batch. */
export function finishStep(batch: Batch, step: Step): TokenEvent[] {
  const events: TokenEvent[] = [];
  for (const { id, tokens } of step.work) {
    const sequence = batch.running.find((candidate) => candidate.id === id);
    // Its client left while the step ran.
    if (sequence === undefined) continue;
    sequence.computedTokens += tokens;
    shareFullBlocks(batch.cache, sequence.holding, sequence.computedTokens);
    if (missingTokens(sequence) > 0) continue;
    sequence.generatedTokens += 1;
    const last = sequence.generatedTokens === sequence.outputTokens;
    events.push({ id, index: sequence.generatedTokens - 1, cachedTokens: sequence.cachedTokens ?? 0, last });
    if (last) removeSequence(batch, id);
  }
  return events;
}

function planRunning(batch: Batch, plan: Plan): void {
  // A preemption shortens the list from its end while we walk it.
  for (let index = 0; index < batch.running.length && plan.tokensLeft > 0; index += 1) {
    const sequence = batch.running[index];
    if (sequence === undefined) break;
    const tokens = Math.min(missingTokens(sequence), plan.tokensLeft);
    while (!reserveTokens(batch.cache, sequence.holding, sequence.computedTokens + tokens)) {
      if (preemptYoungest(batch) === sequence) return;
    }
    take(plan, sequence, tokens);
  }
}

function preemptYoungest(batch: Batch): Sequence {
  const sequence = batch.running.pop();
  assert(sequence !== undefined, 'the cache holds any one sequence');
  releaseHolding(batch.cache, sequence.holding);
  sequence.computedTokens = 0;
  batch.totals.preemptions += 1;
  batch.waiting.unshift(sequence);
  return sequence;
}

function admitWaiting(batch: Batch, plan: Plan): void {
  for (const sequence of [...batch.waiting]) {
    if (plan.tokensLeft === 0 || batch.running.length === batch.limits.sequencesMax) return;
    // Like vLLM, a sequence whose adapter has no place is passed over; one that finds no blocks stops the line.
    if (!adapterFits(batch, sequence)) continue;
    if (!admit(batch, sequence, plan)) return;
  }
}

function admit(batch: Batch, sequence: Sequence, plan: Plan): boolean {
  const { blockTokens } = batch.limits;
  const knownTokens = sequence.promptTokens + sequence.generatedTokens;
  // The last token is always computed: its output is what the step is for.
  const matched = matchPrefix(batch.cache, sequence.holding.hashes, Math.floor((knownTokens - 1) / blockTokens));
  holdPrefix(batch.cache, sequence.holding, matched);
  const hitTokens = matched * blockTokens;
  const tokens = Math.min(knownTokens - hitTokens, plan.tokensLeft);
  if (!reserveTokens(batch.cache, sequence.holding, hitTokens + tokens)) {
    releaseHolding(batch.cache, sequence.holding);
    return false;
  }
  sequence.computedTokens = hitTokens;
  if (sequence.cachedTokens === undefined) {
    sequence.cachedTokens = hitTokens;
    batch.totals.prefixQueryTokens += sequence.promptTokens;
    batch.totals.prefixHitTokens += hitTokens;
  }
  batch.waiting.splice(batch.waiting.indexOf(sequence), 1);
  batch.running.push(sequence);
  take(plan, sequence, tokens);
  return true;
}

function adapterFits(batch: Batch, { adapter }: Sequence): boolean {
  if (adapter === undefined) return true;
  const active = new Set(batch.running.map((sequence) => sequence.adapter).filter((name) => name !== undefined));
  return active.has(adapter) || active.size < batch.limits.adaptersMax;
}

function take(plan: Plan, sequence: Sequence, tokens: number): void {
  plan.work.push({ sequence, tokens });
  plan.tokensLeft -= tokens;
}

/** Tokens known but not yet computed; a running sequence always has some. */
function missingTokens(sequence: Sequence): number {
  return sequence.promptTokens + sequence.generatedTokens - sequence.computedTokens;
}
