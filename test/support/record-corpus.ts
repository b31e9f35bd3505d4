import { readChatRequest } from '../../src/core/api/chat-request.ts';
import { assert } from '../../src/core/base/assert.ts';
import { hash32, seededRng } from '../../src/core/base/rng.ts';
import { decide } from '../../src/core/decide/decide.ts';
import type { LoadedRevision } from '../../src/core/decide/loaded-revision.ts';
import type { DecisionRecord } from '../../src/core/decide/record.ts';
import { createLedger, observe, recordUnreachable } from '../../src/core/load/ledger.ts';
import { type CorpusLine, corpusLineOf } from '../../src/core/plan/corpus.ts';
import { sample } from '../../src/core/policy/detectors/samples.ts';

/** When the recorded requests begin; one comes each minute. */
const START_MS = Date.UTC(2026, 2, 2);
const MINUTE_MS = 60_000;
/** One prompt in so many holds a credential, one engine in so many is down, one request in so many is streamed. */
const SECRET_EVERY = 20;
const DOWN_EVERY = 8;
const STREAM_EVERY = 3;

/** Requests as a gateway records them: the keys and models of the revision in turn, prompts and load by chance. */
export function recordCorpus(loaded: LoadedRevision, count: number): CorpusLine[] {
  const rng = seededRng(7);
  const { revision } = loaded;
  const keys = [...revision.keysByName.values()];
  const models = [...revision.names.keys()];
  const below = (limit: number) => Math.floor(rng.next() * limit);
  return Array.from({ length: count }, (_, index) => {
    const id = `request-${index + 1}`;
    const nowMs = START_MS + index * MINUTE_MS;
    const key = keys[below(keys.length)];
    const team = key && revision.teams.get(key.team);
    assert(key !== undefined && team !== undefined, 'the revision has a key');
    const ledger = createLedger();
    for (const address of [...revision.pools.values()].flatMap(({ endpoints }) => endpoints)) {
      observe(ledger, address, { atMs: nowMs, waiting: below(12), running: below(4) }, nowMs);
      if (below(DOWN_EVERY) === 0) recordUnreachable(ledger, address);
    }
    const secret = below(SECRET_EVERY) === 0 ? ` ${sample('aws-access-key')}` : '';
    const content = `${'word '.repeat(20 + below(2_000))}${secret}`;
    const asked = {
      model: models[below(models.length)],
      stream: below(STREAM_EVERY) === 0,
      max_tokens: 100 + below(400),
      messages: [{ role: 'user', content }],
    };
    const body = new TextEncoder().encode(JSON.stringify(asked));
    const request = readChatRequest(body);
    assert(request.ok, 'the request can be read');
    const principal = { team: key.team, key: key.name, labels: team.labels, models: team.models };
    const facts = {
      id,
      method: 'POST',
      path: '/v1/chat/completions',
      header: () => undefined,
      body,
      request: request.value,
    };
    const decision = decide(loaded, principal, facts, { ledger, nowMs, monotonicMs: nowMs, seed: hash32(id) });
    return lineOf(decision.record, asked.max_tokens);
  });
}

function lineOf(record: DecisionRecord, outputTokens: number): CorpusLine {
  const inputTokens = record.request.promptTokens ?? 0;
  const usage = { inputTokens, cachedTokens: 0, outputTokens, source: 'reported' as const };
  const end = { status: 200, costMicroUsd: 0, decidedMs: 1, totalMs: 100 };
  const outcome =
    record.refusal === undefined
      ? ({ ...end, kind: 'answered', usage } as const)
      : ({ ...end, kind: 'refused', status: 403 } as const);
  const line = corpusLineOf({ ...record, outcome });
  assert(line !== undefined, 'the request came as far as a decision');
  return line;
}
