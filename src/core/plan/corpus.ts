import { z } from 'zod';
import { failed, ok, type Result } from '../base/result.ts';
import type { DecisionRecord } from '../decide/record.ts';
import { wasDecided } from './replayed-request.ts';

/** Longer than any record: its few lists are bounded by the candidates of a request and the guardrails of a route. */
const LINE_CHARS_MAX = 256 * 1024;
const name = z.string().max(300);
const count = z.number().nonnegative();
const rules = z.array(z.strictObject({ code: name, shadow: z.boolean() })).exactOptional();
const names = z.array(name);

const endpoint = z.strictObject({
  address: name,
  queuedTokens: count,
  activeRequests: count,
  prefillTokensPerSecond: z.number().positive(),
  kvUsage: count.exactOptional(),
  down: z.literal(false),
  costSeconds: count,
});

const judgement = z.strictObject({
  guardrail: name,
  policy: name,
  failed: z.enum(['input', 'fuel', 'memory', 'abort', 'trap', 'decision', 'builtin']).exactOptional(),
  deny: rules,
  warn: rules,
  redacted: z.strictObject({ spans: count, shadow: count }).exactOptional(),
  forbid: z
    .array(z.strictObject({ offers: names, upstreams: names, regions: names, shadow: z.boolean() }))
    .exactOptional(),
});

/**
 * One line of a corpus: all facts that one decision was made from, and what came of it. It holds names, numbers, codes
 * and hashes; no text of a prompt or an answer, and no key. Version 1.
 */
const corpusLine = z.strictObject({
  v: z.literal(1),
  /** The decision's id, by which a split stays where it is when the client named no session. */
  id: name,
  timeMs: count,
  seed: count,
  /** The revision that decided. */
  digest: name,
  principal: z.strictObject({ team: name, key: name.exactOptional() }),
  request: z.strictObject({
    path: name,
    model: name,
    stream: z.boolean().exactOptional(),
    promptTokens: count.exactOptional(),
    outputTokensMax: count.exactOptional(),
    choices: count.exactOptional(),
    needs: z.array(z.enum(['streaming', 'tools', 'jsonSchema', 'vision', 'reasoning'])).exactOptional(),
    session: name.exactOptional(),
    headers: z.record(name, z.union([z.string(), z.number(), z.null()])).exactOptional(),
    bodyBytes: count,
  }),
  /** The load that was looked at, by pool. */
  candidates: z.array(z.strictObject({ pool: name, endpoints: z.array(endpoint), down: names.exactOptional() })),
  /** What each guardrail on the request said. */
  judged: z.array(judgement).exactOptional(),
  /** What was decided: the first offer of the attempt list, or the code of a refusal. */
  decided: z.strictObject({ route: name.exactOptional(), offer: name.exactOptional(), denied: name.exactOptional() }),
  /** What was used and paid in the end. */
  usage: z.strictObject({ inputTokens: count, cachedTokens: count, outputTokens: count }).exactOptional(),
  costMicroUsd: count.exactOptional(),
});

export type CorpusLine = z.infer<typeof corpusLine>;

/** The line of a record; undefined for a request that did not come as far as a decision. */
export function corpusLineOf(record: DecisionRecord): CorpusLine | undefined {
  if (!wasDecided(record) || record.principal === undefined) return undefined;
  const { id, timeMs, seed, digest, principal, request, candidates, judged, route, refusal, outcome } = record;
  const offer = record.attempts[0]?.offer;
  const usage = outcome?.usage;
  const line = {
    v: 1,
    id,
    timeMs,
    seed,
    digest,
    principal,
    request,
    candidates,
    judged,
    decided: { route, offer, denied: refusal?.code },
    usage: usage && {
      inputTokens: usage.inputTokens,
      cachedTokens: usage.cachedTokens,
      outputTokens: usage.outputTokens,
    },
    costMicroUsd: outcome?.costMicroUsd,
  };
  // Members that are undefined are left out as JSON leaves them out.
  return JSON.parse(JSON.stringify(line)) as CorpusLine;
}

/** A line that is none, with its number from 1. */
export interface CorpusFault {
  readonly line: number;
  readonly message: string;
}

/** Reads a corpus: JSON lines. Empty lines are passed over; the first line that is none ends it. */
export function readCorpus(text: string): Result<CorpusLine[], CorpusFault> {
  const lines: CorpusLine[] = [];
  for (const line of corpusLines(text)) {
    if (!line.ok) return line;
    lines.push(line.value);
  }
  return ok(lines);
}

/** As `readCorpus`, a line at a time: whoever has other things to do can do them between two. */
export function* corpusLines(text: string): Generator<Result<CorpusLine, CorpusFault>, void> {
  let number = 0;
  for (const part of text.split('\n')) {
    number += 1;
    if (part.trim() === '') continue;
    const line = readLine(part);
    yield line.ok ? line : failed({ line: number, message: line.error });
    if (!line.ok) return;
  }
}

function readLine(text: string): Result<CorpusLine, string> {
  if (text.length > LINE_CHARS_MAX) return failed(`the line is longer than ${LINE_CHARS_MAX} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return failed('the line is not JSON');
  }
  const parsed = corpusLine.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  return failed(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong form'}`);
}
