import { z } from 'zod';
import { readChatRequest } from '../api/chat-request.ts';
import { failed, ok, type Result } from '../base/result.ts';
import { hash32 } from '../base/rng.ts';
import { type Decision, decide } from '../decide/decide.ts';
import type { Principal } from '../decide/identify.ts';
import type { LoadedRevision } from '../decide/loaded-revision.ts';
import { ANONYMOUS } from '../ir/identity.ts';
import { createLedger, type Ledger, observe, recordUnreachable } from '../load/ledger.ts';
import { withSamples } from '../policy/detectors/samples.ts';
import { recordedPrincipal } from './replayed-request.ts';

/** Larger than the largest context windows; a prompt of this size is made in memory. */
const PROMPT_TOKENS_MAX = 10_000_000;
const BYTES_PER_TOKEN = 4;
/** What a message costs beside its text. */
const MESSAGE_TOKENS = 4;

const load = z.record(
  z.string(),
  z.strictObject({
    waiting: z.int().nonnegative().default(0),
    running: z.int().nonnegative().default(0),
    /** 0 to 1. */
    kvUsage: z.number().min(0).max(1).exactOptional(),
    down: z.boolean().default(false),
  }),
);

/** A request that somebody thinks of, with the load at that moment: what `headgate explain` decides. */
const askedRequest = z.strictObject({
  model: z.string(),
  team: z.string().default(ANONYMOUS),
  promptTokens: z.int().min(1).max(PROMPT_TOKENS_MAX).default(100),
  outputTokensMax: z.int().min(1).exactOptional(),
  stream: z.boolean().default(false),
  tools: z.boolean().default(false),
  jsonSchema: z.boolean().default(false),
  /** Names in lower case. */
  headers: z.record(z.string(), z.string()).default({}),
  /** In place of a prompt of `promptTokens`; `{{sample NAME}}` stands for a specimen. */
  messages: z.array(z.strictObject({ role: z.string(), content: z.string() })).default([]),
  /** By endpoint; one that is not named is idle. */
  load: load.default({}),
  /** Its id: what chance and splits follow. */
  id: z.string().default('asked'),
  timeMs: z.number().nonnegative().default(0),
});

export type AskedRequest = z.infer<typeof askedRequest>;

/** Reads a request in the form of JSON; the error says where it is wrong. */
export function readAskedRequest(value: unknown): Result<AskedRequest, string> {
  const parsed = askedRequest.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  const path = issue?.path.join('.') ?? '';
  return failed(`${path === '' ? '' : `${path}: `}${issue?.message ?? 'wrong form'}`);
}

export interface AskedDecision {
  readonly decision: Decision;
  readonly principal: Principal;
}

/** Decides it as the data path would; the error says why nobody can ask so. */
export function decideAsked(loaded: LoadedRevision, asked: AskedRequest): Result<AskedDecision, string> {
  const principal = recordedPrincipal(loaded.revision, { team: asked.team });
  if (principal === undefined) return failed(`there is no team "${asked.team}"`);
  const engines = new Set([...loaded.revision.pools.values()].flatMap(({ endpoints }) => endpoints));
  const stranger = Object.keys(asked.load).find((address) => !engines.has(address));
  if (stranger !== undefined) return failed(`there is no engine "${stranger}"`);
  const body = new TextEncoder().encode(JSON.stringify(bodyOf(asked)));
  const request = readChatRequest(body);
  if (!request.ok) return failed(request.error.message);
  const { id, timeMs: nowMs } = asked;
  const headers = new Map(Object.entries(asked.headers));
  const header = (name: string) => headers.get(name);
  const facts = { id, method: 'POST', path: '/v1/chat/completions', header, body, request: request.value };
  const decision = decide(loaded, principal, facts, {
    ledger: ledgerOf(asked),
    nowMs,
    monotonicMs: nowMs,
    seed: hash32(id),
  });
  return ok({ decision, principal });
}

function bodyOf(asked: AskedRequest): object {
  const { model, stream, outputTokensMax, tools, jsonSchema, promptTokens } = asked;
  const filler = 'x'.repeat(Math.max(0, promptTokens - MESSAGE_TOKENS) * BYTES_PER_TOKEN);
  const given = asked.messages.map(({ role, content }) => ({ role, content: withSamples(content) }));
  return {
    model,
    stream,
    ...(outputTokensMax === undefined ? {} : { max_completion_tokens: outputTokensMax }),
    // Without a name, which would be a text and count as tokens.
    ...(tools ? { tools: [{ type: 'function' }] } : {}),
    ...(jsonSchema ? { response_format: { type: 'json_schema' } } : {}),
    messages: given.length > 0 ? given : [{ role: 'user', content: filler }],
  };
}

function ledgerOf({ load: snapshot, timeMs }: AskedRequest): Ledger {
  const ledger = createLedger();
  for (const [address, { down, ...report }] of Object.entries(snapshot)) {
    observe(ledger, address, { atMs: timeMs, ...report }, timeMs);
    if (down) recordUnreachable(ledger, address);
  }
  return ledger;
}
